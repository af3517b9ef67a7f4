import type { LoginRequest } from '@grantd/client/protocol'
import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { type AnsweredLogin, keepLogin } from '../../../daemon/broker/keep-login.ts'
import { fakeRooms, roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'
import { API, ISSUER, sampleRecord } from '../../fakes/sample-grant.ts'

const API_B = 'https://b.example'
const owner = sampleCaller({ listener: 'admin' })

function login(request: Partial<LoginRequest> = {}): AnsweredLogin {
  return {
    id: 'new',
    request: { grant: 'work', issuer: ISSUER, client_id: 'c', flow: 'device', ...request },
    metadata: { issuer: ISSUER, token_endpoint: `${ISSUER}/token` },
    answer: {
      kind: 'answered',
      refreshToken: Secret.fromText('rt-login'),
      answer: { accessToken: 'at', tokenType: 'Bearer', scope: ['a'], expiresInSeconds: 60 },
    },
  }
}

t.test(
  'a login is durable and on record before it is told, and its secrets are wiped',
  async (t) => {
    const rooms = fakeRooms()
    const answered = login({ audience: [API], client_secret: 'hush' })
    const kept = await keepLogin(rooms, owner, answered)
    t.match(kept, { detail: { grant: 'work', scopes: { [API]: 'a' } }, missingAudiences: [] })
    t.same(rooms.steps, ['durable: active 1', 'audit: login.completed'])
    t.equal(rooms.disk.record('new')?.refreshToken?.reveal(), 'rt-login')
    t.equal(rooms.disk.record('new')?.clientSecret?.reveal(), 'hush')
    t.throws(() => answered.answer.refreshToken.reveal(), TypeError)
    t.match(rooms.audit.last, { grantId: 'new', scope: ['a'], peer: { pid: 4242 } })
  },
)

t.test('what was granted for the other audiences is learnt by one exchange each', async (t) => {
  const rooms = fakeRooms()
  rooms.issuers.next((request) => rooms.issuers.rotate(request, { scope: ['b'] }))
  const kept = await keepLogin(rooms, owner, login({ audience: [API, API_B] }))
  t.match(kept, { detail: { audiences: [API, API_B], scopes: { [API]: 'a', [API_B]: 'b' } } })
  t.same(kept.missingAudiences, [])
  t.match(rooms.issuers.requests, [{ audience: API_B }])
  t.notOk('scope' in (rooms.issuers.requests[0] ?? {}))
  t.match(rooms.audit.last, { event: 'login.completed', scope: ['a', 'b'] })
  t.equal(rooms.disk.record('new')?.refreshToken?.reveal(), 'rt-2')
})

t.test('an issuer that does not rotate teaches as well', async (t) => {
  const rooms = fakeRooms()
  rooms.issuers.next((request) => rooms.issuers.rotate(request, { rotates: false, scope: ['b'] }))
  const kept = await keepLogin(rooms, owner, login({ audience: [API, API_B] }))
  t.same(kept.missingAudiences, [])
})

t.test('an audience that gives no token is named and not recorded as granted', async (t) => {
  const rooms = fakeRooms()
  rooms.issuers.next({ kind: 'request_wrong', code: 'invalid_target' })
  const kept = await keepLogin(rooms, owner, login({ audience: [API, API_B] }))
  t.same(kept.missingAudiences, [API_B])
  t.same(kept.detail.audiences, [API])
})

t.test('a disk that fails while learning costs the audience, not the login', async (t) => {
  const rooms = fakeRooms()
  rooms.issuers.next(async (request) => {
    rooms.disk.failing = 1
    return await rooms.issuers.rotate(request)
  })
  const kept = await keepLogin(rooms, owner, login({ audience: [API, API_B] }))
  t.same(kept.missingAudiences, [API_B])
  t.equal(rooms.vault().open('new').refreshToken?.reveal(), 'rt-2')
})

t.test('the grants it replaces end only after it is whole', async (t) => {
  const rooms = await roomsWithGrant()
  await keepLogin(rooms, owner, login())
  await new Promise(setImmediate)
  t.same(rooms.steps, [
    'durable: active 1',
    'audit: login.completed',
    'durable: revoked 1',
    'audit: grant.revoked',
    'revoke',
    'durable: revoked 1',
    'audit: grant.revocation_finished',
    'removed',
  ])
  t.same(rooms.issuers.revoked, ['rt-1'])
})

t.test('a replaced grant whose issuer is away stays queued in its record', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.issuers.revocation = { kind: 'failed', reason: 'off' }
  await keepLogin(rooms, owner, login())
  await new Promise(setImmediate)
  t.match(rooms.vault().get('grant-1')?.state, { kind: 'revoked', revocation: 'queued' })
})

t.test('a replaced grant that had ended before is only forgotten', async (t) => {
  const rooms = await roomsWithGrant({ state: { kind: 'revoked', at: 1, revocation: 'none' } })
  await keepLogin(rooms, owner, login())
  await new Promise(setImmediate)
  t.same(rooms.issuers.revoked, [])
  t.equal(rooms.vault().get('grant-1'), undefined)
})

t.test('a removal that fails in the background is nobody’s error', async (t) => {
  const rooms = await roomsWithGrant({ state: { kind: 'revoked', at: 1, revocation: 'none' } })
  rooms.disk.remove = () => {
    throw new Error('no')
  }
  await keepLogin(rooms, owner, login())
  await new Promise(setImmediate)
  t.equal(rooms.vault().list().length, 2)
})

t.test('the newest login counts, also after the clock was set back', async (t) => {
  const rooms = await roomsWithGrant({ createdAt: Date.UTC(2040, 0, 1) })
  await keepLogin(rooms, owner, login())
  t.equal(rooms.vault().list().at(-1)?.id, 'new')
})

t.test('what cannot be written or recorded is no login', async (t) => {
  const unwritten = fakeRooms()
  unwritten.disk.failing = 1
  const answered = login()
  await t.rejects(keepLogin(unwritten, owner, answered), { code: 'vault_locked' })
  t.throws(() => answered.answer.refreshToken.reveal(), TypeError)
  const unrecorded = await roomsWithGrant()
  await unrecorded.vault().add(sampleRecord({ id: 'other', name: 'other' }))
  unrecorded.audit.failing = ['login.completed']
  await t.rejects(keepLogin(unrecorded, owner, login()), { code: 'audit_unavailable' })
  t.equal(unrecorded.vault().get('grant-1')?.state.kind, 'active', 'nothing was replaced')
})
