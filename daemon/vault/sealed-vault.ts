import { wipeRecord } from '../grant/grant-record.ts'
import { type BrokenRecord, brokenRecord } from './broken-record-error.ts'
import { decodeRecord } from './record.ts'
import { recordFile } from './record-name.ts'
import { readHeader, unseal } from './seal.ts'
import { type FoundRecord, type RecordStorage, SealedRecords } from './sealed-records.ts'
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
  const found: FoundRecord[] = []
  const broken: BrokenRecord[] = [...files.broken]
  for (const each of files.readable) {
    try {
      found.push(openRecord(each, keyFor(each, key, former)))
    } catch (error) {
      broken.push(brokenRecord(error))
    }
  }
  return new SealedRecords({ kind: 'sealed', key, former, storage, found, broken })
}

/** @throws BrokenRecordError */
function keyFor(
  { id, sealed }: RecordFile,
  key: SealingKey,
  former: SealingKey | undefined,
): SealingKey {
  if (former === undefined) return key
  return readHeader(recordFile(id), sealed).keyId.equals(former.id) ? former : key
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
