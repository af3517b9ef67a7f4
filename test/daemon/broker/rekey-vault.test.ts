import t from 'tap'
import { rekeyVault } from '../../../daemon/broker/rekey-vault.ts'
import { sampleCaller } from '../../fakes/fake-rooms.ts'
import { fakeVaultRooms } from '../../fakes/vault-rooms.ts'

const person = sampleCaller({ listener: 'admin' })

t.test('a new key is made on record, with or without another keeper', async (t) => {
  const rooms = fakeVaultRooms()
  t.match(await rekeyVault(rooms, person, {}), { key_id: 'fedcba9876543210' })
  t.same(rooms.steps, ['audit: vault.rekey_begun', 'rekey undefined', 'audit: vault.rekeyed'])
  await rekeyVault(rooms, person, { provider: 'passphrase', passphrase: 'correct horse' })
  t.same(rooms.door.passphrases, [undefined, 'correct horse'])
  t.notMatch(rooms.audit.text, /correct horse/)
})
