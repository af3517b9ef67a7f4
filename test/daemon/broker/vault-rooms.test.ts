import t from 'tap'
import { vaultEntry } from '../../../daemon/broker/vault-rooms.ts'
import { sampleCaller } from '../../fakes/fake-rooms.ts'

t.test('a line says who, whose key and how many, and nothing that is not known', async (t) => {
  const least = { state: 'locked', records: 0, broken: [], isRekeying: false } as const
  t.same(vaultEntry(undefined, least), { records: 0 })
  const caller = sampleCaller()
  t.same(vaultEntry(caller, { ...least, provider: 'keychain', keyId: 'ab', records: 1 }), {
    peer: caller.peer,
    provider: 'keychain',
    keyId: 'ab',
    records: 1,
  })
})
