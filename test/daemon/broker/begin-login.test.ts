import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { beginLogin } from '../../../daemon/broker/begin-login.ts'
import type { LoginPlan } from '../../../daemon/broker/plan-login.ts'
import type { GrantState } from '../../../daemon/grant/grant.ts'
import { fakeRooms, roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'
import { API, ISSUER, sampleRecord } from '../../fakes/sample-grant.ts'

const owner = sampleCaller({ listener: 'admin' })
const request: LoginPlan = {
  grant: 'work',
  issuer: ISSUER,
  client_id: 'client',
  scope: 'a offline_access',
  audience: [API],
  flow: 'device',
}

t.test('a login is asked for as the person asked, and on record before it is shown', async (t) => {
  const rooms = fakeRooms()
  const begun = await beginLogin(rooms, owner, request, { clientSecret: Secret.fromText('hush') })
  t.match(begun, { metadata: { issuer: ISSUER }, started: { userCode: 'ABCD' } })
  t.same(rooms.steps, ['discover', 'start login', 'audit: login.started'])
  const ask = rooms.issuers.logins[0]?.ask
  t.match(ask, { scope: ['a', 'offline_access'], audiences: [API] })
  t.equal(ask?.client.clientSecret?.reveal(), 'hush')
  t.match(rooms.audit.last, { grant: 'work', issuer: ISSUER, scope: ['a', 'offline_access'] })
})

t.test('what refuses a login is on record with its code', async (t) => {
  const rooms = fakeRooms()
  rooms.issuers.discovery = { kind: 'not_sent', reason: 'off' }
  await t.rejects(beginLogin(rooms, owner, request, {}), { code: 'issuer_unreachable' })
  const line = { event: 'login.failed', grant: 'work', issuer: ISSUER, peer: { pid: 4242 } }
  t.match(rooms.audit.last, { ...line, reason: 'issuer_unreachable' })
  rooms.issuers.discovery = { kind: 'no_issuer', reason: 'issuer is not an https address' }
  await t.rejects(beginLogin(rooms, owner, request, {}), { code: 'invalid_request' })
  rooms.issuers.discovery = undefined
  rooms.issuers.loginStart = { kind: 'client_broken', code: 'invalid_client' }
  await t.rejects(beginLogin(rooms, owner, request, {}), { code: 'issuer_rejected' })
  t.match(rooms.audit.last, { ...line, reason: 'issuer_rejected' })
  rooms.issuers.discover = async () => {
    throw new TypeError('a mistake')
  }
  await t.rejects(beginLogin(rooms, owner, request, {}), { message: 'a mistake' })
  t.match(rooms.audit.last, { ...line, reason: 'internal_error' })
})

t.test('a start that cannot be recorded is given up at the issuer', async (t) => {
  const rooms = fakeRooms()
  rooms.audit.failing = 'all'
  await t.rejects(beginLogin(rooms, owner, request, {}), { code: 'audit_unavailable' })
  t.ok(rooms.issuers.logins[0]?.signal?.aborted)
})

t.test('a live grant of another issuer or client keeps its name', async (t) => {
  const rooms = await roomsWithGrant()
  for (const other of [{ client_id: 'another' }, { issuer: 'https://other.example' }]) {
    await t.rejects(beginLogin(rooms, owner, { ...request, ...other }, {}), {
      code: 'invalid_request',
      hint: 'grantd revoke work',
    })
    t.match(rooms.audit.last, { event: 'login.failed', reason: 'invalid_request' })
  }
  t.same(rooms.issuers.logins, [], 'and nobody is asked to log in')
  t.match(await beginLogin(rooms, owner, request, {}), {}, 'its own issuer may renew it')
})

t.test('a name is taken while its newest grant is not revoked', async (t) => {
  const other = { ...request, client_id: 'another' }
  const states: readonly [GrantState, isTaken: boolean][] = [
    [{ kind: 'login_required', reason: 'over' }, true],
    [{ kind: 'revoked', at: 1, revocation: 'queued' }, false],
  ]
  for (const [state, isTaken] of states) {
    const rooms = await roomsWithGrant({ state })
    const begun = beginLogin(rooms, owner, other, {})
    if (isTaken) await t.rejects(begun, { code: 'invalid_request' }, state.kind)
    else await t.resolves(begun, state.kind)
  }
  const renewed = await roomsWithGrant({ state: { kind: 'revoked', at: 1, revocation: 'queued' } })
  await renewed.vault().add(sampleRecord({ id: 'newer', createdAt: renewed.clock.now() }))
  await t.rejects(beginLogin(renewed, owner, other, {}), { code: 'invalid_request' })
})

t.test('a registration is on record, and given back with a login that cannot begin', async (t) => {
  const { client_id: _, ...unnamed } = request
  const rooms = fakeRooms()
  rooms.issuers.registersClients = true
  const begun = await beginLogin(rooms, owner, unnamed, {})
  t.match(begun.client, { clientId: 'registered-1', isNew: true })
  t.equal(rooms.issuers.logins[0]?.ask.client.clientId, 'registered-1')
  t.same(rooms.audit.events(), ['client.registered', 'login.started'])
  t.same(rooms.issuers.deleted, [])
  rooms.issuers.loginStart = { kind: 'client_broken', code: 'unauthorized_client' }
  await t.rejects(beginLogin(rooms, owner, unnamed, {}), { code: 'issuer_rejected' })
  t.same(rooms.issuers.deleted, [`${ISSUER}/reg/2 rat-2`])
  t.match(rooms.audit.last, { event: 'client.deleted', grant: 'work' })
  rooms.audit.failing = ['client.registered']
  await t.rejects(beginLogin(rooms, owner, unnamed, {}), { code: 'audit_unavailable' })
  t.match(rooms.issuers.deleted.at(-1), /rat-3/, 'nothing is registered unrecorded')
})

t.test('where a refresh ends earlier tokens there is one audience, and no narrowing', async (t) => {
  const rooms = fakeRooms()
  const ending = { ...request, refresh_invalidates_access_tokens: true }
  for (const contradiction of [
    { audience: [API, 'https://other.example'] },
    { scope_narrowing: 'honored' },
  ] as const)
    await t.rejects(beginLogin(rooms, owner, { ...ending, ...contradiction }, {}), {
      code: 'invalid_request',
      message: /a refresh that ends earlier tokens leaves/,
    })
  t.same(rooms.issuers.logins, [], 'and nobody is asked to log in')
  await t.resolves(beginLogin(rooms, owner, ending, {}))
})

t.test('what a preset stated is asked of nobody, and its parameters go along', async (t) => {
  const rooms = fakeRooms()
  const stated = { issuer: ISSUER, token_endpoint: `${ISSUER}/t` }
  const authorization = { access_type: 'offline' }
  const begun = await beginLogin(rooms, owner, { ...request, stated, authorization }, {})
  t.same(begun.metadata, stated)
  t.same(rooms.steps, ['stated', 'start login', 'audit: login.started'])
  t.same(rooms.issuers.logins[0]?.ask.authorizationParameters, authorization)
})

t.test('that an issuer answers by forms is kept with its endpoints', async (t) => {
  const begun = await beginLogin(fakeRooms(), owner, { ...request, answers: 'form' }, {})
  t.equal(begun.metadata.answers, 'form')
  t.notOk('answers' in (await beginLogin(fakeRooms(), owner, request, {})).metadata)
})
