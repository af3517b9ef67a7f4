import { GrantdError } from '@grantd/client/protocol'
import t from 'tap'
import { changeOnRecord } from '../../../daemon/broker/change-on-record.ts'
import { sampleCaller } from '../../fakes/fake-rooms.ts'
import { fakeVaultRooms } from '../../fakes/vault-rooms.ts'

const person = sampleCaller({ listener: 'admin' })
const events = {
  begun: 'vault.rekey_begun',
  done: 'vault.rekeyed',
  failed: 'vault.rekey_failed',
} as const

t.test('a change stands between two lines, the second with what came of it', async (t) => {
  const rooms = fakeVaultRooms()
  const vault = await changeOnRecord(rooms, person, events, () =>
    rooms.door.rekey({ provider: 'keychain' }),
  )
  t.match(vault, { key_id: 'fedcba9876543210' })
  t.same(rooms.steps, ['audit: vault.rekey_begun', 'rekey keychain', 'audit: vault.rekeyed'])
  t.match(rooms.audit.entries, [{ keyId: '0123456789abcdef' }, { keyId: 'fedcba9876543210' }])
})

t.test('where nothing can be recorded nothing is touched', async (t) => {
  const rooms = fakeVaultRooms()
  rooms.audit.failing = 'all'
  const change = async () => t.fail('it began')
  await t.rejects(changeOnRecord(rooms, person, events, change), { code: 'audit_unavailable' })
})

t.test('a failed change is on record, and its own error is told', async (t) => {
  const rooms = fakeVaultRooms()
  const locked = new GrantdError('vault_locked', 'the disk is full')
  await t.rejects(
    changeOnRecord(rooms, person, events, () => Promise.reject(locked)),
    { code: 'vault_locked' },
  )
  t.match(rooms.audit.last, { event: 'vault.rekey_failed', reason: 'vault_locked' })
  rooms.audit.failing = ['vault.rekey_failed']
  await t.rejects(
    changeOnRecord(rooms, person, events, () => Promise.reject(new Error('a mistake'))),
    { message: 'a mistake' },
  )
  rooms.audit.failing = ['vault.rekeyed']
  await t.rejects(
    changeOnRecord(rooms, person, events, async () => undefined),
    { code: 'audit_unavailable' },
  )
})
