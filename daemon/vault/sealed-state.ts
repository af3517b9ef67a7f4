import { brokenRecord } from './broken-record-error.ts'
import { readPin } from './pin.ts'
import { recordFile } from './record-name.ts'
import { type RekeyFile, readRekeyFile } from './rekey-file.ts'
import { readHeader, type SealHeader } from './seal.ts'
import type { RecordFile, RecordFiles } from './state-directory.ts'
import type { VaultFiles } from './vault-files.ts'

/** What lies sealed on disk, as far as it says so itself. */
export interface SealedState {
  /** Files of records, readable or not: one is enough to never make another key. */
  readonly count: number
  /** Headers of those that have one. */
  readonly headers: readonly SealHeader[]
  readonly pin: SealHeader | 'damaged' | undefined
  readonly rekey: Pick<RekeyFile, 'from' | 'to'> | 'damaged' | undefined
}

/** All of it, read once. */
export interface SealedFiles extends SealedState {
  readonly records: RecordFiles
  readonly pinBytes: Buffer | undefined
  readonly rekey: RekeyFile | 'damaged' | undefined
}

/** @throws The error of a system call. */
export async function readSealedFiles(files: VaultFiles): Promise<SealedFiles> {
  const records = await files.readRecords()
  const pinBytes = await files.readFile('pin')
  const rekeyBytes = await files.readFile('rekey')
  return {
    records,
    pinBytes,
    count: records.readable.length + records.broken.length,
    headers: records.readable.flatMap(headersOf),
    pin: pinBytes && readPin(pinBytes),
    rekey: rekeyBytes && readRekeyFile(rekeyBytes),
  }
}

/** True when there is anything that another key would make unreadable for good. */
export function isAnythingSealed({ count, pin, rekey }: SealedState): boolean {
  return count > 0 || pin !== undefined || rekey !== undefined
}

/** Who keeps the key and which it is, as far as anything says so. */
export function nameOfKey({ headers, pin, rekey }: SealedState): SealHeader | undefined {
  if (rekey !== undefined && rekey !== 'damaged') return rekey.to
  return pin !== undefined && pin !== 'damaged' ? pin : headers[0]
}

/** None for a file whose header is broken too: such a file counts, but pins nothing. */
function headersOf({ id, sealed }: RecordFile): readonly SealHeader[] {
  try {
    return [readHeader(recordFile(id), sealed)]
  } catch (error) {
    brokenRecord(error)
    return []
  }
}
