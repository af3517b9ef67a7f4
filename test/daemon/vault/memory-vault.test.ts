import t from 'tap'
import { createMemoryVault } from '../../../daemon/vault/memory-vault.ts'
import { vaultConformance } from './conformance.ts'

vaultConformance(t, async () => createMemoryVault('machine one'))

t.test('it says that it does not last', async (t) => {
  const vault = createMemoryVault('machine one')
  t.equal(vault.kind, 'memory')
  t.same(vault.broken, [])
})
