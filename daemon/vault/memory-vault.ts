import { SealedRecords } from './sealed-records.ts'
import { SealingKey } from './sealing-key.ts'

/**
 * The vault that ends with the daemon: the same sealed records under a key that
 * nobody else ever has.
 *
 * @param machineIdentity As for the sealed vault.
 */
export function createMemoryVault(machineIdentity: string): SealedRecords {
  const nowhere = { write: async () => undefined, remove: async () => undefined }
  return new SealedRecords({
    kind: 'memory',
    key: SealingKey.random('memory', machineIdentity),
    storage: nowhere,
    found: [],
    broken: [],
  })
}
