import { GrantdError } from '@grantd/client/protocol'
import t from 'tap'
import { unlockVault } from '../../../daemon/broker/unlock-vault.ts'
import { sampleCaller } from '../../fakes/fake-rooms.ts'
import { type FakeVaultRooms, fakeVaultRooms } from '../../fakes/vault-rooms.ts'

const person = sampleCaller({ listener: 'admin' })

async function lockedRooms(): Promise<FakeVaultRooms> {
  const rooms = fakeVaultRooms()
  await rooms.door.lock('person')
  rooms.steps.length = 0
  return rooms
}

t.test('an unlock is on record before its answer, and the vault is not idle', async (t) => {
  const rooms = await lockedRooms()
  rooms.clock.advance(3_600_000)
  t.match(await unlockVault(rooms, person, { passphrase: 'gru\u0308n' }), { state: 'open' })
  t.same(rooms.steps, ['unlock', 'audit: vault.unlocked'])
  t.match(rooms.audit.last, { peer: person.peer, provider: 'passphrase', records: 2 })
  t.same(rooms.door.passphrases, ['grün'])
  t.equal(rooms.idle.seconds, 0)
  await unlockVault(rooms, person, { passphrase: 'anything' })
  t.equal(rooms.steps.length, 2, 'an open one is left alone')
})

t.test('a keeper is asked again without a passphrase', async (t) => {
  const rooms = await lockedRooms()
  await unlockVault(rooms, person, {})
  t.same(rooms.door.passphrases, [undefined])
})

t.test('a failed attempt is on record, and says when to try again', async (t) => {
  for (const code of ['vault_locked', 'rate_limited'] as const) {
    const rooms = await lockedRooms()
    rooms.door.failure = new GrantdError(code, 'no', { retryAfterSeconds: 4 })
    rooms.clock.advance(1_000)
    const attempt = unlockVault(rooms, person, { passphrase: 'wrong one' })
    await t.rejects(attempt, { code, retryAfterSeconds: 4 })
    t.match(rooms.audit.last, { event: 'vault.unlock_failed', reason: code, peer: person.peer })
    t.notMatch(rooms.audit.text, /wrong one/)
    t.equal(rooms.idle.seconds, 1, 'trying is no use')
  }
})

t.test('a full audit log hides no failure, and is told after an unlock', async (t) => {
  const rooms = await lockedRooms()
  rooms.audit.failing = 'all'
  rooms.door.failure = new GrantdError('vault_locked', 'no')
  await t.rejects(unlockVault(rooms, person, {}), { code: 'vault_locked' })
  await t.rejects(unlockVault(rooms, person, {}), { code: 'audit_unavailable' })
  const broken = await lockedRooms()
  broken.door.unlock = () => Promise.reject(new Error('a mistake'))
  await t.rejects(unlockVault(broken, person, {}), { message: 'a mistake' })
  t.match(broken.audit.last, { reason: 'internal_error' })
})
