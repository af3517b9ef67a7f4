import { GrantdError } from '@grantd/client/protocol'
import t from 'tap'
import { issueAccessToken } from '../../../daemon/broker/issue-access-token.ts'
import { lockVault } from '../../../daemon/broker/lock-vault.ts'
import { Logins } from '../../../daemon/broker/logins.ts'
import { accessToken } from '../../fakes/access-token.ts'
import { deferred } from '../../fakes/deferred.ts'
import { fakeRooms, roomsWithGrant, sampleCaller } from '../../fakes/fake-rooms.ts'
import { fakeVaultRooms } from '../../fakes/vault-rooms.ts'

const keyOfSomebody = {
  grantId: 'grant-1',
  validSinceGeneration: 1,
  audience: undefined,
  scope: [],
  thumbprint: undefined,
}

const person = sampleCaller({ listener: 'admin' })

t.test('a lock forgets at once, waits for what was sent, and forgets again', async (t) => {
  const rooms = fakeVaultRooms()
  const { promise, resolve } = deferred()
  rooms.door.whileLanding = () => promise
  const asked = { reason: 'fire', class: 'local', seconds: 60, rules: [] } as const
  rooms.rooms.glass.begin({ ...asked, grant: 'work', grantId: 'grant-1' })
  const locking = lockVault(rooms, person)
  t.same(rooms.steps, [
    'lock by person',
    'cache cleared',
    'audit: break_glass.ended',
    'logins cancelled',
  ])
  t.same(rooms.rooms.forgotten, ['all'], 'nothing that a person allowed counts any more')
  resolve()
  const vault = await locking
  t.match(vault, { state: 'locked', locked_by: 'person', provider: 'passphrase' })
  t.same(rooms.steps.slice(4), [
    'wiped',
    'cache cleared',
    'logins cancelled',
    'audit: vault.locked',
  ])
  t.same(rooms.audit.last, {
    event: 'vault.locked',
    reason: 'person',
    peer: person.peer,
    provider: 'passphrase',
    keyId: '0123456789abcdef',
    records: 2,
  })
})

t.test(
  'a token that lands during the lock is gone, and its caller hears of the lock',
  async (t) => {
    const rooms = await roomsWithGrant()
    const vaultRooms = fakeVaultRooms(rooms)
    const open = rooms.say.vault
    const sent = deferred()
    const landing = deferred()
    rooms.issuers.next(async (request) => {
      sent.resolve()
      await landing.promise
      return await rooms.issuers.rotate(request)
    })
    const asked = issueAccessToken(rooms, sampleCaller(), { grant: 'work' })
    await sent.promise
    rooms.say.vault = () => {
      throw new GrantdError('vault_locked', 'the vault is locked')
    }
    rooms.renewals.handedOut(keyOfSomebody, accessToken(rooms.clock.now(), 3_600), 'mark')
    vaultRooms.door.whileLanding = async () => {
      landing.resolve()
      await rooms.flights.landed()
      t.equal(rooms.tokens.size, 1, 'it was kept for a moment')
    }
    const locking = lockVault(vaultRooms, person)
    await t.rejects(asked, { code: 'vault_locked' })
    await locking
    t.equal(rooms.tokens.size, 0)
    t.equal(rooms.renewals.size, 0, 'nothing is fetched again by itself')
    t.equal(open().get('grant-1')?.generation, 2, 'and its successor is kept')
    t.equal(rooms.disk.record('grant-1')?.grant.generation, 2, 'on the disk')
  },
)

t.test('nobody locks by name when nobody used it', async (t) => {
  const rooms = fakeVaultRooms()
  await lockVault(rooms, undefined)
  t.match(rooms.audit.last, { event: 'vault.locked', reason: 'idle', peer: undefined })
})

t.test('a refused lock costs no token and no login', async (t) => {
  const rooms = fakeVaultRooms()
  rooms.door.failure = new GrantdError('invalid_request', 'grants are kept in memory')
  await t.rejects(lockVault(rooms, person), { code: 'invalid_request' })
  t.same(rooms.steps, ['lock by person'])
})

t.test('a full audit log stops neither the lock nor the wipe', async (t) => {
  const rooms = fakeVaultRooms()
  rooms.audit.failing = 'all'
  await t.rejects(lockVault(rooms, person), { code: 'audit_unavailable' })
  t.ok(rooms.steps.includes('wiped'))
  t.equal(rooms.steps.at(-1), 'logins cancelled')
  t.equal(rooms.door.facts().state, 'locked')
})

t.test('a login that is answered while locked leaves no refresh token behind', async (t) => {
  const rooms = fakeRooms()
  const logins = new Logins({ rooms, noticeOf: () => undefined })
  const vaultRooms = { ...fakeVaultRooms(rooms), logins }
  const request = {
    grant: 'work',
    issuer: 'https://issuer.example',
    client_id: 'cli',
    flow: 'device',
  } as const
  const { login } = await logins.start(person, request)
  rooms.say.vault = () => {
    throw new GrantdError('vault_locked', 'the vault is locked')
  }
  // the person has finished it, and the answer and the lock cross
  rooms.issuers.logins[0]?.approve()
  await lockVault(vaultRooms, person)
  const end = await login.ended
  t.match(end, { state: 'failed', error: { code: 'vault_locked' } })
  t.same(rooms.issuers.revoked, ['rt-login'], 'its token was given back')
  t.equal(logins.pending, 0)
})

t.test('a lock that a restart would open is on record, and forgets all the same', async (t) => {
  const rooms = fakeVaultRooms()
  rooms.door.lateFailure = new GrantdError('vault_locked', 'locked, but a restart would open it')
  await t.rejects(lockVault(rooms, person), { message: /^locked, but/ })
  t.same(rooms.steps.slice(3), [
    'wiped',
    'cache cleared',
    'logins cancelled',
    'audit: vault.locked',
  ])
})
