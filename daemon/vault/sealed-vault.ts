import { wipeRecord } from '../grant/grant-record.ts'
import { type BrokenRecord, brokenRecord } from './broken-record-error.ts'
import { RecordKeys } from './record-keys.ts'
import type { RecordStorage } from './record-shelf.ts'
import { type SealedRecord, unsealRecord } from './sealed-record.ts'
import { SealedRecords } from './sealed-records.ts'
import type { SealingKey } from './sealing-key.ts'
import type { RecordFile, RecordFiles } from './state-directory.ts'

/**
 * The vault on disk: `<stateDirectory>/grants/<id>.grant`, one sealed file for
 * each grant. A file that cannot be opened is listed as broken, left as it is,
 * and in nobody's way.
 *
 * @param storage That of the directory the files were found in.
 * @param key Taken over, wiped when the vault is closed.
 * @param files As they were found.
 * @param former The key before it, while a rekey is unfinished; taken over too.
 */
export function createSealedVault(
  storage: RecordStorage,
  key: SealingKey,
  files: RecordFiles,
  former?: SealingKey,
): SealedRecords {
  const keys = new RecordKeys(key, former)
  const found: SealedRecord[] = []
  const broken: BrokenRecord[] = [...files.broken]
  for (const each of files.readable) {
    try {
      found.push(foundRecord(keys, each))
    } catch (error) {
      broken.push(brokenRecord(error))
    }
  }
  return new SealedRecords({ kind: 'sealed', key, former, storage, found, broken })
}

/** @throws BrokenRecordError */
function foundRecord(keys: RecordKeys, { id, sealed }: RecordFile): SealedRecord {
  const record = unsealRecord(keys, id, sealed)
  wipeRecord(record)
  return { grant: record.grant, sealed }
}
