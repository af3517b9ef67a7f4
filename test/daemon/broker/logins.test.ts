import type { LoginRequest } from '@grantd/client/protocol'
import t from 'tap'
import { Logins } from '../../../daemon/broker/logins.ts'
import { type FakeRooms, fakeRooms, sampleCaller } from '../../fakes/fake-rooms.ts'
import { API, ISSUER, samplePeer } from '../../fakes/sample-grant.ts'

const owner = sampleCaller({ listener: 'admin' })
const request: LoginRequest = {
  grant: 'work',
  issuer: ISSUER,
  client_id: 'c',
  client_secret: 'hush',
  scope: 'a offline_access',
  audience: [API],
  flow: 'device',
}

const process = (pid: number) => sampleCaller({ listener: 'admin', peer: samplePeer({ pid }) })

function scene(notice?: string): { readonly rooms: FakeRooms; readonly logins: Logins } {
  const rooms = fakeRooms()
  return { rooms, logins: new Logins({ rooms, noticeOf: () => notice }) }
}

t.test('a device login is recorded, followed and complete', async (t) => {
  const { rooms, logins } = scene('kept in memory only')
  const { login, joined } = await logins.start(owner, request)
  t.notOk(joined)
  t.equal(logins.pending, 1)
  t.equal(logins.find(login.id), login)
  t.match(login.started, { userCode: 'ABCD' })
  t.notOk('client_secret' in login.request, 'the secret is kept nowhere')
  const [asked] = rooms.issuers.logins
  t.match(asked?.ask, {
    scope: ['a', 'offline_access'],
    audiences: [API],
    client: { clientId: 'c' },
  })
  t.equal(asked?.ask.client.clientSecret?.reveal(), 'hush')
  asked?.approve({ scope: ['a'] })
  t.match(await login.ended, {
    state: 'complete',
    result: { grant: 'work', scopes: { [API]: 'a' } },
    notice: 'kept in memory only',
  })
  t.equal(logins.pending, 0)
  t.throws(() => asked?.ask.client.clientSecret?.reveal(), TypeError)
  t.same(rooms.audit.events(), ['login.started', 'login.answered', 'login.completed'])
  t.equal(await logins.cancel(login.id), login, 'what ended stays as it ended')
  t.equal(login.end?.state, 'complete')
})

t.test('a browser login without scope, secret or audience asks for none', async (t) => {
  const { rooms, logins } = scene()
  const bare = { grant: 'w', issuer: ISSUER, client_id: 'c', flow: 'browser' } as const
  const { login } = await logins.start(owner, bare)
  t.match(login.started, { authorizationUri: `${ISSUER}/auth` })
  t.match(rooms.issuers.logins[0]?.ask, { scope: [], audiences: [] })
  t.notOk('clientSecret' in (rooms.issuers.logins[0]?.ask.client ?? {}))
  rooms.issuers.logins[0]?.approve()
  t.match(await login.ended, { state: 'complete', notice: undefined })
})

t.test('audiences that gave no token are told', async (t) => {
  const { rooms, logins } = scene('memory only')
  rooms.issuers.next({ kind: 'request_wrong', code: 'invalid_target' })
  const two = { ...request, audience: [API, 'https://b.example'] }
  const { login } = await logins.start(owner, two)
  rooms.issuers.logins[0]?.approve()
  t.match(await login.ended, {
    notice: 'no token could be had for "https://b.example"; memory only',
  })
})

t.test('the same login is joined, another of the same name is refused', async (t) => {
  const { rooms, logins } = scene()
  const both = await Promise.all([logins.start(owner, request), logins.start(owner, request)])
  t.same(
    both.map(({ joined }) => joined),
    [false, true],
  )
  t.equal(both[0].login, both[1].login)
  t.equal(rooms.issuers.logins.length, 1)
  await t.rejects(logins.start(owner, { ...request, scope: 'b' }), {
    code: 'invalid_request',
    hint: 'finish or cancel it first',
    login: { verificationUri: `${ISSUER}/device`, userCode: 'ABCD' },
  })
  for (const other of [{ client_secret: 'other' }, { scope_narrowing: 'honored' as const }])
    await t.rejects(logins.start(owner, { ...request, ...other }), { code: 'invalid_request' })
  await logins.cancel(both[0].login.id)
  const { joined } = await logins.start(owner, { ...request, scope: 'b' })
  t.notOk(joined)
  await logins.close()
})

t.test('while a login is only starting there is nothing to show of it', async (t) => {
  const { rooms, logins } = scene()
  rooms.issuers.discovery = { kind: 'not_sent', reason: 'off' }
  const first = logins.start(owner, request)
  const second = logins.start(owner, { ...request, scope: 'b' })
  await t.rejects(first, { code: 'issuer_unreachable' })
  await t.rejects(second, { code: 'invalid_request', login: undefined })
})

t.test('cancelling ends a login and frees its name', async (t) => {
  const { rooms, logins } = scene()
  const { login } = await logins.start(owner, request)
  t.equal(await logins.cancel(login.id), login)
  t.same(login.end, { state: 'cancelled' })
  t.equal(logins.pending, 0)
  t.same(rooms.audit.events(), ['login.started', 'login.cancelled'])
  t.same(rooms.vault().list(), [])
})

t.test('every end without a grant says why, on record too, and frees the name', async (t) => {
  const ends = [
    [{ kind: 'denied' }, 'access_denied'],
    [{ kind: 'expired' }, 'login_required'],
    [{ kind: 'no_refresh_token' }, 'issuer_rejected'],
    [{ kind: 'client_broken', code: 'invalid_client' }, 'issuer_rejected'],
  ] as const
  for (const [answer, code] of ends) {
    const { rooms, logins } = scene()
    const { login } = await logins.start(owner, request)
    rooms.issuers.logins[0]?.end(answer)
    t.match(await login.ended, { state: 'failed', error: { code } })
    t.match(rooms.audit.last, { event: 'login.failed', reason: code, grant: 'work' })
    t.equal(logins.pending, 0)
  }
})

t.test('a mistake of ours ends a login too, and its text stays here', async (t) => {
  const { rooms, logins } = scene()
  const { login } = await logins.start(owner, request)
  rooms.issuers.logins[0]?.break(new Error('secret words'))
  t.match(await login.ended, {
    state: 'failed',
    error: { code: 'internal_error', message: 'a mistake of the daemon' },
  })
})

t.test('a login nobody can put on record is none', async (t) => {
  const { rooms, logins } = scene()
  rooms.audit.failing = 'all'
  await t.rejects(logins.start(owner, request), { code: 'audit_unavailable' })
  t.equal(logins.pending, 0)
  t.ok(rooms.issuers.logins[0]?.signal?.aborted, 'it is given up at the issuer')
  t.throws(() => rooms.issuers.logins[0]?.ask.client.clientSecret?.reveal(), TypeError)
  rooms.audit.failing = []
  const { login } = await logins.start(owner, request)
  rooms.audit.failing = 'all'
  await logins.cancel(login.id)
  t.match(login.end, { state: 'failed', error: { code: 'audit_unavailable' } })
})

t.test('what stops a login from starting is told, and the name is free again', async (t) => {
  const { rooms, logins } = scene()
  rooms.issuers.discovery = { kind: 'not_sent', reason: 'off' }
  await t.rejects(logins.start(owner, request), { code: 'issuer_unreachable' })
  rooms.issuers.discovery = undefined
  rooms.issuers.loginStart = { kind: 'client_broken', code: 'invalid_client' }
  await t.rejects(logins.start(owner, request), { code: 'issuer_rejected' })
  await t.rejects(
    Promise.all([logins.start(owner, request), logins.start(owner, request)]),
    { code: 'issuer_rejected' },
    'those who joined hear it too',
  )
  t.equal(logins.pending, 0)
  t.same([...new Set(rooms.audit.events())], ['login.failed'], 'and each is on record')
  rooms.say.config = () => {
    throw new Error('broken')
  }
  await t.rejects(logins.start(owner, request), { message: 'broken' })
  rooms.say.config = () => undefined
  rooms.say.vault = () => {
    throw new Error('locked')
  }
  await t.rejects(
    logins.start(owner, request),
    { message: 'locked' },
    'no login that cannot be kept',
  )
})

t.test('one process cannot keep others from logging in', async (t) => {
  const { logins } = scene()
  for (let i = 0; i < 4; i++) await logins.start(process(1), { ...request, grant: `g${i}` })
  await t.rejects(logins.start(process(1), request), { code: 'overloaded', retryAfterSeconds: 60 })
  t.ok(
    (await logins.start(process(1), { ...request, grant: 'g0' })).joined,
    'joining costs nothing',
  )
  const { login } = await logins.start(process(2), request)
  t.notOk((await logins.cancel(login.id)).end === undefined)
  t.equal(logins.pending, 4)
  await logins.cancel((await logins.start(process(2), { ...request, grant: 'g0' })).login.id)
  t.notOk((await logins.start(process(1), request)).joined, 'one that ended makes room')
  await logins.close()
})

t.test('a 33rd pending login is refused, until one ends', async (t) => {
  const { rooms, logins } = scene()
  const started = []
  for (let i = 0; i < 32; i++)
    started.push(await logins.start(process(i), { ...request, grant: `g${i}` }))
  await t.rejects(logins.start(owner, request), { code: 'overloaded', retryAfterSeconds: 60 })
  t.equal(logins.refused, 1)
  t.ok((await logins.start(owner, { ...request, grant: 'g5' })).joined)
  await logins.cancel(started[0]?.login.id ?? '')
  await logins.start(owner, request)
  t.equal(logins.pending, 32)
  await logins.close()
  t.equal(logins.pending, 0)
  t.equal(rooms.audit.events().filter((event) => event === 'login.cancelled').length, 33)
})

t.test('an outcome can be asked for a while and is then forgotten', async (t) => {
  const { rooms, logins } = scene()
  const { login } = await logins.start(owner, request)
  rooms.clock.advance(3_600_000)
  t.equal(logins.find(login.id), login, 'a pending one is never forgotten')
  await logins.cancel(login.id)
  rooms.clock.advance(119_999)
  t.equal(logins.find(login.id), login)
  rooms.clock.advance(1)
  t.throws(() => logins.find(login.id), { code: 'unknown_grant' })
  await t.rejects(logins.cancel(login.id), { code: 'unknown_grant' })
})

t.test('a login that outlives every patience expires', async (t) => {
  const { rooms, logins } = scene()
  rooms.issuers.loginSeconds = 0.02
  const { login } = await logins.start(owner, request)
  const alive = setTimeout(() => undefined, 10_000)
  t.match(await login.ended, { state: 'failed', error: { code: 'login_required' } })
  clearTimeout(alive)
  t.ok(rooms.issuers.logins[0]?.signal?.aborted)
  rooms.issuers.loginSeconds = 1e9
  const { login: long } = await logins.start(owner, request)
  t.equal(long.expiresAt, rooms.clock.now() + 1_800_000)
  await logins.close()
})

t.test('at the end nothing starts any more, and what was starting is cancelled', async (t) => {
  const { logins } = scene()
  const starting = logins.start(owner, request)
  await logins.close()
  const { login } = await starting
  t.same(login.end, { state: 'cancelled' })
  await t.rejects(logins.start(owner, request), { code: 'overloaded' })
  await logins.close()
})

t.test('what a preset refuses is on record, and nothing is pending', async (t) => {
  const { rooms, logins } = scene()
  const asked: LoginRequest = { grant: 'work', preset: 'none', flow: 'device' }
  await t.rejects(logins.start(owner, asked), { code: 'invalid_request' })
  t.match(rooms.audit.last, { event: 'login.failed', grant: 'work', reason: 'invalid_request' })
  t.equal(logins.pending, 0)
})
