import { GrantdError } from '@grantd/client/protocol'
import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { issueAccessToken } from '../../../daemon/broker/issue-access-token.ts'
import { type AnsweredLogin, keepLogin } from '../../../daemon/broker/keep-login.ts'
import type { LoginPlan } from '../../../daemon/broker/plan-login.ts'
import type { TokenAnswer } from '../../../daemon/issuer/issuer.ts'
import { fakeRooms, roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'
import { API, ISSUER } from '../../fakes/sample-grant.ts'

const API_B = 'https://b.example'
const owner = sampleCaller({ listener: 'admin' })

function login(request: Partial<LoginPlan> = {}, answer: Partial<TokenAnswer> = {}): AnsweredLogin {
  return {
    client: { clientId: 'c', isRegistered: false, isNew: false },
    id: 'new',
    request: { grant: 'work', issuer: ISSUER, client_id: 'c', flow: 'device', ...request },
    metadata: { issuer: ISSUER, token_endpoint: `${ISSUER}/token` },
    answer: {
      kind: 'answered',
      refreshToken: Secret.fromText('rt-login'),
      answer: {
        accessToken: 'at',
        tokenType: 'Bearer',
        scope: ['a'],
        expiresInSeconds: 60,
        ...answer,
      },
    },
  }
}

function withSecret(answered: AnsweredLogin, clientSecret: Secret): AnsweredLogin {
  return { ...answered, client: { ...answered.client, clientSecret } }
}

t.test(
  'a login is durable and on record before it is told, and its secrets are wiped',
  async (t) => {
    const rooms = fakeRooms()
    const clientSecret = Secret.fromText('hush')
    const answered = withSecret(login({ audience: [API] }), clientSecret)
    const kept = await keepLogin(rooms, owner, answered)
    t.match(kept, { detail: { grant: 'work', scopes: { [API]: 'a' } }, notices: [] })
    t.same(rooms.steps, ['audit: login.answered', 'durable: active 1', 'audit: login.completed'])
    t.equal(rooms.disk.record('new')?.refreshToken?.reveal(), 'rt-login')
    t.equal(rooms.disk.record('new')?.clientSecret?.reveal(), 'hush')
    t.throws(() => answered.answer.refreshToken.reveal(), TypeError)
    t.match(rooms.audit.last, { grantId: 'new', scope: ['a'], peer: { pid: 4242 } })
  },
)

t.test('whom the issuer named is on record', async (t) => {
  const rooms = fakeRooms()
  const answered = login()
  const named = { ...answered, answer: { ...answered.answer, subject: 'ada' } }
  t.match(await keepLogin(rooms, owner, named), { detail: { subject: 'ada' } })
  t.equal(rooms.disk.record('new')?.grant.subject, 'ada')
  const { detail } = await keepLogin(rooms, owner, { ...login(), id: 'newer' })
  t.notOk('subject' in detail, 'a login that names nobody keeps no earlier name')
})

t.test('what was granted for the other audiences is learnt by one exchange each', async (t) => {
  const rooms = fakeRooms()
  rooms.issuers.next((request) => rooms.issuers.rotate(request, { scope: ['b'] }))
  const kept = await keepLogin(rooms, owner, login({ audience: [API, API_B] }))
  t.match(kept, { detail: { audiences: [API, API_B], scopes: { [API]: 'a', [API_B]: 'b' } } })
  t.same(kept.notices, [])
  t.match(rooms.issuers.requests, [{ audience: API_B }])
  t.notOk('scope' in (rooms.issuers.requests[0] ?? {}))
  t.match(rooms.audit.last, { event: 'login.completed', scope: ['a', 'b'] })
  t.equal(rooms.disk.record('new')?.refreshToken?.reveal(), 'rt-2')
})

t.test('an issuer that does not rotate teaches as well', async (t) => {
  const rooms = fakeRooms()
  rooms.issuers.next((request) => rooms.issuers.rotate(request, { rotates: false, scope: ['b'] }))
  const kept = await keepLogin(rooms, owner, login({ audience: [API, API_B] }))
  t.same(kept.notices, [])
})

t.test('an audience that gives no token is named and not recorded as granted', async (t) => {
  const rooms = fakeRooms()
  rooms.issuers.next({ kind: 'request_wrong', code: 'invalid_target' })
  const kept = await keepLogin(rooms, owner, login({ audience: [API, API_B] }))
  t.same(kept.notices, [`no token could be had for "${API_B}"`])
  t.same(kept.detail.audiences, [API])
})

t.test('a disk that fails while learning costs the audience, not the login', async (t) => {
  const rooms = fakeRooms()
  rooms.issuers.next(async (request) => {
    rooms.disk.failing = 1
    return await rooms.issuers.rotate(request)
  })
  const kept = await keepLogin(rooms, owner, login({ audience: [API, API_B] }))
  t.same(kept.notices, [`no token could be had for "${API_B}"`])
  t.equal(rooms.vault().open('new').refreshToken?.reveal(), 'rt-2')
})

t.test('the grants it replaces end only after it is whole', async (t) => {
  const rooms = await roomsWithGrant()
  await keepLogin(rooms, owner, login())
  await new Promise(setImmediate)
  t.same(rooms.steps, [
    'audit: login.answered',
    'durable: active 1',
    'audit: login.completed',
    'durable: revoked 1',
    'audit: grant.revoked',
    'revoke',
    'introspect',
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

t.test('a login that cannot be kept leaves no refresh token at the issuer', async (t) => {
  const unwritten = fakeRooms()
  unwritten.disk.failing = 1
  const locked = fakeRooms()
  locked.say.vault = () => {
    throw new GrantdError('vault_locked', 'locked')
  }
  const unrecorded = fakeRooms()
  unrecorded.audit.failing = ['login.answered']
  for (const [rooms, code] of [
    [unwritten, 'vault_locked'],
    [locked, 'vault_locked'],
    [unrecorded, 'audit_unavailable'],
  ] as const) {
    const answered = withSecret(login(), Secret.fromText('hush'))
    let as: string | undefined
    const revoke = rooms.issuers.revoke.bind(rooms.issuers)
    rooms.issuers.revoke = async (client, token, hint) => {
      as = client.clientSecret?.reveal()
      return await revoke(client, token, hint)
    }
    await t.rejects(keepLogin(rooms, owner, answered), { code })
    t.same(rooms.issuers.revoked, ['rt-login'])
    t.equal(as, 'hush')
    t.throws(() => answered.answer.refreshToken.reveal(), TypeError, 'wiped only after that')
  }
  const away = fakeRooms()
  away.disk.failing = 1
  away.issuers.revoke = async () => {
    throw new Error('a mistake')
  }
  await t.rejects(
    keepLogin(away, owner, login()),
    { code: 'vault_locked' },
    'the first error counts',
  )
})

t.test('what fails after the grant is in use is a notice, and the login is complete', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.audit.failing = ['login.completed', 'grant.revoked']
  const kept = await keepLogin(rooms, owner, login())
  t.match(kept, {
    detail: { grant: 'work', state: 'active' },
    notices: ['the audit log cannot be written: this login is not on record'],
  })
  await new Promise(setImmediate)
  t.same(rooms.issuers.revoked, ['rt-1'], 'the grant it replaces ends all the same')

  const stuck = await roomsWithGrant()
  stuck.disk.beforeWrite = async ({ grant }) => {
    if (grant.id === 'grant-1') throw Object.assign(new Error('no'), { code: 'EIO' })
  }
  const { detail, notices } = await keepLogin(stuck, owner, login())
  t.match(detail, { state: 'active' })
  t.same(notices, ['the earlier login of "work" could not be ended yet; it is tried again'])
})

t.test('an exchange that teaches is on record, and its token is kept', async (t) => {
  const rooms = fakeRooms()
  rooms.issuers.next((request) => rooms.issuers.rotate(request, { scope: ['b'] }))
  await keepLogin(rooms, owner, login({ audience: [API, API_B] }))
  t.same(rooms.audit.events(), [
    'login.answered',
    'grant.refresh_begun',
    'grant.refreshed',
    'login.completed',
  ])
  t.match(await issueAccessToken(rooms, sampleCaller(), { grant: 'work', audience: API_B }), {
    access_token: 'at-2',
    scope: 'b',
  })
  t.equal(rooms.issuers.spent.length, 1)
})

t.test('what the issuer granted besides is named, and not used', async (t) => {
  const rooms = fakeRooms()
  rooms.issuers.next((request) => rooms.issuers.rotate(request, { scope: ['b', 'admin:b'] }))
  const asked = { scope: 'a b offline_access', audience: [API, API_B] }
  const kept = await keepLogin(rooms, owner, login(asked, { scope: ['a', 'admin:all'] }))
  t.same(kept.detail.scopes, { [API]: 'a', [API_B]: 'b' })
  t.same(kept.notices, [
    'the issuer granted "admin:all admin:b" besides what was asked; it is not used, and no token that can do it is handed out',
  ])
  const ask = { grant: 'work', audience: API_B }
  await t.rejects(issueAccessToken(rooms, sampleCaller(), { ...ask, scope: 'admin:b' }), {
    code: 'invalid_scope',
  })
  rooms.issuers.next((request) => rooms.issuers.rotate(request, { scope: ['b', 'admin:b'] }))
  await t.rejects(issueAccessToken(rooms, sampleCaller(), ask), { code: 'invalid_scope' })
})

t.test('a token for another audience is no login, and is revoked', async (t) => {
  const asked = { audience: [API] }
  for (const audience of [['https://other.example'], [API, 'https://other.example']]) {
    const rooms = fakeRooms()
    await t.rejects(keepLogin(rooms, owner, login(asked, { audience })), { code: 'invalid_target' })
    t.same(rooms.issuers.revoked, ['rt-login'])
    t.same(rooms.vault().list(), [])
  }
  for (const audience of [[API], [API, ISSUER]]) {
    const kept = await keepLogin(fakeRooms(), owner, login(asked, { audience }))
    t.same(kept.detail.audiences, [API])
  }
  const none = await keepLogin(fakeRooms(), owner, login({}, { audience: ['anybody'] }))
  t.same(none.detail.audiences, [], 'who asked for nobody gets what comes')
})

t.test('what manages a registered client is sealed with the grant', async (t) => {
  const rooms = fakeRooms()
  const client = {
    clientId: 'registered-1',
    isRegistered: true,
    isNew: true,
    managementUri: `${ISSUER}/reg/1`,
    registrationToken: Secret.fromText('rat-1'),
  }
  await keepLogin(rooms, owner, { ...login(), client })
  const record = rooms.disk.record('new')
  t.match(record?.grant, {
    clientId: 'registered-1',
    registration: { managementUri: `${ISSUER}/reg/1` },
  })
  t.equal(record?.registrationToken?.reveal(), 'rat-1')
})

t.test('a replaced grant leaves the client that the new one has', async (t) => {
  const registration = { managementUri: `${ISSUER}/reg/1` }
  const rooms = await roomsWithGrant({ clientId: 'c', registration })
  const client = { clientId: 'c', isRegistered: true, isNew: false, ...registration }
  await keepLogin(rooms, owner, { ...login(), client })
  while (rooms.vault().list().length > 1) await new Promise(setImmediate)
  t.same(rooms.issuers.revoked, ['rt-1'])
  t.same(rooms.issuers.deleted, [])
})
