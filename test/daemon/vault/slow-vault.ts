import type { RecordStorage } from '../../../daemon/vault/record-shelf.ts'
import { SealedRecords } from '../../../daemon/vault/sealed-records.ts'
import { SealingKey } from '../../../daemon/vault/sealing-key.ts'
import { type Pending, pending } from './pending.ts'
import { sampleRecord } from './sample-records.ts'

/** A storage whose every write ends, one way or the other, when the test says so. */
class SlowStorage implements RecordStorage {
  readonly writes: { readonly id: string; readonly pending: Pending }[] = []

  async write(id: string): Promise<void> {
    const slow = pending()
    this.writes.push({ id, pending: slow })
    await slow.work()
  }

  async remove(): Promise<void> {
    throw new Error('not now')
  }
}

/** Lets everything that can go on go on. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

/** A vault over such a storage, with these grants in it, and what was asked of the storage since. */
export async function vaultWith(
  ...ids: string[]
): Promise<{ vault: SealedRecords; writes: SlowStorage['writes'] }> {
  const storage = new SlowStorage()
  const vault = new SealedRecords({
    kind: 'sealed',
    key: SealingKey.random('memory', 'machine one'),
    storage,
    found: [],
    broken: [{ file: 'broken.grant', reason: 'damaged' }],
  })
  for (const id of ids) {
    const adding = vault.add(sampleRecord({ id }))
    await settled()
    storage.writes.pop()?.pending.end()
    await adding
  }
  return { vault, writes: storage.writes }
}

/** What a full disk says. */
export const FULL = Object.assign(new Error('no space left'), { code: 'ENOSPC' })
/** What callers hear of it. */
export const NOT_WRITTEN = { code: 'vault_locked', message: 'the vault cannot be written: ENOSPC' }
