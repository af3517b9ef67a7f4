import t from 'tap'
import { issueAccessToken } from '../../../daemon/broker/issue-access-token.ts'
import { Logins } from '../../../daemon/broker/logins.ts'
import { retryRevocations } from '../../../daemon/broker/retry-revocations.ts'
import { revokeAll } from '../../../daemon/broker/revoke-all.ts'
import { deferred } from '../../fakes/deferred.ts'
import { type FakeRooms, fakeRooms, roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'
import { sampleRecord } from '../../fakes/sample-grant.ts'

const owner = sampleCaller({ listener: 'admin' })
const queued = { kind: 'revoked', at: 1, revocation: 'queued' } as const
const request = {
  grant: 'new',
  issuer: 'https://issuer.example',
  client_id: 'client',
  flow: 'device',
} as const

const loginsOf = (rooms: FakeRooms) => new Logins({ rooms, noticeOf: () => undefined })

async function three(): Promise<FakeRooms> {
  const rooms = await roomsWithGrant()
  await rooms.vault().add(sampleRecord({ id: 'b', name: 'b' }, 'rt-b'))
  const metadata = { issuer: 'https://other.example', token_endpoint: 'https://other.example/t' }
  await rooms.vault().add(sampleRecord({ id: 'c', name: 'c', metadata }, 'rt-c'))
  rooms.steps.length = 0
  return rooms
}

t.test('everything ends here before the first issuer hears of it', async (t) => {
  const rooms = await three()
  await issueAccessToken(rooms, sampleCaller(), { grant: 'work' })
  rooms.steps.length = 0
  const { grants, ...rest } = await revokeAll(rooms, owner, loginsOf(rooms))
  t.same(
    grants.map(({ grant, revocation, verified }) => [grant, revocation, verified]),
    [
      ['work', 'revoked_at_issuer', true],
      ['b', 'revoked_at_issuer', true],
      ['c', 'revoked_at_issuer', true],
    ],
  )
  t.same(rest, { failed: [], broken: [], cancelled_logins: 0 })
  const first = rooms.steps.indexOf('revoke')
  const here = rooms.steps.slice(0, first)
  t.equal(here.filter((step) => step.startsWith('durable: revoked')).length, 3)
  t.equal(here.filter((step) => step === 'audit: grant.revoked').length, 3, 'each is on record')
  t.same(rooms.issuers.revokedAccessTokens, ['at-2'])
  const named = rooms.audit.entries.filter(({ event }) => event === 'grant.revoked')
  t.match(named, [{ peer: { pid: 4242 } }, { peer: { pid: 4242 } }, { peer: { pid: 4242 } }])
})

t.test('an issuer that stalls holds up nothing here and no other issuer', async (t) => {
  const rooms = await three()
  const gate = deferred()
  const revoke = rooms.issuers.revoke.bind(rooms.issuers)
  rooms.issuers.revoke = async (client, ...rest) => {
    if (client.metadata.issuer.includes('other')) await gate.promise
    return await revoke(client, ...rest)
  }
  const seconds: number[] = []
  const impatient = async (_work: Promise<unknown>, most: number): Promise<void> => {
    seconds.push(most)
    for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate)
  }
  const { grants } = await revokeAll(rooms, owner, loginsOf(rooms), impatient)
  t.same(
    grants.map(({ grant, revocation }) => [grant, revocation]),
    [
      ['work', 'revoked_at_issuer'],
      ['b', 'revoked_at_issuer'],
      ['c', 'queued'],
    ],
  )
  t.equal(rooms.disk.record('c')?.grant.state.kind, 'revoked')
  t.same(seconds, [20])
  gate.resolve()
  while (rooms.endings.size > 0) await Promise.all(rooms.endings.values())
  t.match(rooms.vault().get('c')?.state, { revocation: 'revoked_at_issuer' }, 'it goes on')
})

t.test('a grant that fails stops no other, and is told', async (t) => {
  const rooms = await three()
  rooms.disk.beforeWrite = async ({ grant }) => {
    if (grant.id === 'b') throw Object.assign(new Error('no'), { code: 'EIO' })
  }
  const { grants, failed } = await revokeAll(rooms, owner, loginsOf(rooms))
  t.same(
    grants.map(({ grant }) => grant),
    ['work', 'c'],
  )
  t.match(failed, [{ grant: 'b', code: 'vault_locked', detail: /cannot be written/ }])
  t.notOk(rooms.issuers.revoked.includes('rt-b'), 'what is not durable is told nobody')
  t.equal(rooms.vault().get('b')?.state.kind, 'revoked', 'access is over all the same')
})

t.test('what is not on record has ended, and is told as well', async (t) => {
  const rooms = await three()
  rooms.audit.failing = 'all'
  const { grants, failed } = await revokeAll(rooms, owner, loginsOf(rooms))
  t.equal(grants.length, 3)
  t.same(
    failed.map(({ code }) => code),
    ['audit_unavailable', 'audit_unavailable', 'audit_unavailable'],
  )
  t.same(rooms.issuers.revoked.toSorted(), ['rt-1', 'rt-b', 'rt-c'])
})

t.test('a mistake of ours says nothing of what went wrong', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.audit.appendDurably = async () => {
    throw new Error('rt-1')
  }
  const { failed } = await revokeAll(rooms, owner, loginsOf(rooms))
  t.same(failed, [{ grant: 'work', code: 'internal_error', detail: 'a mistake of the daemon' }])
})

t.test('replaced and queued grants are told again, settled ones left alone', async (t) => {
  const rooms = await roomsWithGrant({ state: { ...queued, revocation: 'unsupported' } })
  await rooms.vault().add(sampleRecord({ id: 'old', createdAt: 5, state: queued }, 'rt-old'))
  const { grants } = await revokeAll(rooms, owner, loginsOf(rooms))
  t.match(grants, [{ grant: 'work', revocation: 'revoked_at_issuer' }])
  t.equal(grants.length, 1)
  t.same(rooms.issuers.revoked, ['rt-old'])
  t.equal(await retryRevocations(rooms), 0)
  t.equal(rooms.vault().get('old'), undefined)
  const removed = await revokeAll(rooms, owner, loginsOf(rooms))
  t.same(removed.grants, [])
})

t.test('pending logins are cancelled, and what came of one all the same ends', async (t) => {
  const rooms = fakeRooms()
  const logins = loginsOf(rooms)
  await logins.start(owner, request)
  const { login } = await logins.start(owner, { ...request, grant: 'answered' })
  const gate = deferred()
  rooms.audit.whileSyncing = async ({ event }) => {
    if (event === 'login.answered') await gate.promise
  }
  rooms.issuers.logins[1]?.approve()
  await new Promise(setImmediate)
  const ending = revokeAll(rooms, owner, logins)
  await new Promise(setImmediate)
  gate.resolve()
  t.match(await ending, {
    cancelled_logins: 2,
    grants: [{ grant: 'answered', revocation: 'revoked_at_issuer' }],
  })
  t.same([login.end?.state, logins.pending], ['complete', 0])
  t.same(rooms.issuers.revoked, ['rt-login'])
})

t.test('a login that is being started ends before anybody can finish it', async (t) => {
  const rooms = await roomsWithGrant()
  const logins = loginsOf(rooms)
  const gate = deferred()
  const start = rooms.issuers.startDeviceLogin.bind(rooms.issuers)
  rooms.issuers.startDeviceLogin = async (ask) => {
    await gate.promise
    return await start(ask)
  }
  const starting = logins.start(owner, request)
  const never = async (): Promise<void> => {
    for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate)
  }
  t.match(await revokeAll(rooms, owner, logins, never), {
    cancelled_logins: 1,
    grants: [{ grant: 'work', revocation: 'revoked_at_issuer' }],
  })
  gate.resolve()
  const { login } = await starting
  t.same(await login.ended, { state: 'cancelled' })
})
