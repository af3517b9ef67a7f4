import { wipeRecord } from '../grant/grant-record.ts'
import { BrokenRecordError } from './broken-record-error.ts'
import { decodeRecord } from './record.ts'
import { recordId } from './record-name.ts'
import { unseal } from './seal.ts'
import { type BrokenRecord, type FoundRecord, SealedRecords } from './sealed-records.ts'
import type { SealingKey } from './sealing-key.ts'
import {
  listRecordFiles,
  readRecordFile,
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
 */
export async function openSealedVault(
  stateDirectory: string,
  key: SealingKey,
): Promise<SealedRecords> {
  const found: FoundRecord[] = []
  const broken: BrokenRecord[] = []
  for (const file of await listRecordFiles(stateDirectory)) {
    try {
      found.push(await readRecord(stateDirectory, file, key))
    } catch (error) {
      if (!(error instanceof BrokenRecordError)) throw error
      broken.push({ file, reason: error.reason })
    }
  }
  const storage = {
    write: (id: string, sealed: Uint8Array) => writeRecordFile(stateDirectory, id, sealed),
    remove: (id: string) => removeRecordFile(stateDirectory, id),
  }
  return new SealedRecords({ kind: 'sealed', key, storage, found, broken })
}

async function readRecord(
  stateDirectory: string,
  file: string,
  key: SealingKey,
): Promise<FoundRecord> {
  const sealed = await readRecordFile(stateDirectory, file)
  const id = recordId(file) ?? ''
  const clearText = unseal(key, id, sealed)
  try {
    const record = decodeRecord(id, clearText)
    wipeRecord(record)
    return { grant: record.grant, sealed }
  } finally {
    clearText.fill(0)
  }
}
