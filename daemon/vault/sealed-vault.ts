import { wipeRecord } from '../grant/grant-record.ts'
import { type BrokenRecord, brokenRecord } from './broken-record-error.ts'
import { decodeRecord } from './record.ts'
import { unseal } from './seal.ts'
import { type FoundRecord, SealedRecords } from './sealed-records.ts'
import type { SealingKey } from './sealing-key.ts'
import {
  type RecordFile,
  type RecordFiles,
  removeRecordFile,
  writeRecordFile,
} from './state-directory.ts'

/**
 * The vault on disk: `<stateDirectory>/grants/<id>.grant`, one sealed file for
 * each grant. A file that cannot be opened is listed as broken, left as it is,
 * and in nobody's way.
 *
 * @param stateDirectory Prepared by `prepareStateDirectory`.
 * @param key Taken over, wiped when the vault is closed.
 * @param files As `readRecordFiles` found them.
 */
export function createSealedVault(
  stateDirectory: string,
  key: SealingKey,
  files: RecordFiles,
): SealedRecords {
  const found: FoundRecord[] = []
  const broken: BrokenRecord[] = [...files.broken]
  for (const each of files.readable) {
    try {
      found.push(openRecord(each, key))
    } catch (error) {
      broken.push(brokenRecord(error))
    }
  }
  const storage = {
    write: (id: string, sealed: Uint8Array) => writeRecordFile(stateDirectory, id, sealed),
    remove: (id: string) => removeRecordFile(stateDirectory, id),
  }
  return new SealedRecords({ kind: 'sealed', key, storage, found, broken })
}

function openRecord({ id, sealed }: RecordFile, key: SealingKey): FoundRecord {
  const clearText = unseal(key, id, sealed)
  try {
    const record = decodeRecord(id, clearText)
    wipeRecord(record)
    return { grant: record.grant, sealed }
  } finally {
    clearText.fill(0)
  }
}
