import { join } from 'node:path'
import { removeDurable, sweepLeftovers, writeDurable } from '../platform/durable-file.ts'
import { readSmallFile } from './read-small-file.ts'
import type { RecordStorage } from './record-shelf.ts'
import {
  prepareStateDirectory,
  type RecordFiles,
  readRecordFiles,
  removeRecordFile,
  writeRecordFile,
} from './state-directory.ts'

/** The files of a vault beside its records. */
const NAMES = {
  /** Whose key it is. */
  pin: 'sealing-key.pin',
  /** Two keys, while records lie under both. */
  rekey: 'rekey',
  /** There while the vault is locked on purpose. */
  lock: 'locked',
} as const

/** All a vault has on disk; every promise resolves once the change is durable. */
export interface VaultFiles extends RecordStorage {
  /** @returns Why the directory must not be used; undefined when all is well. */
  prepare(): Promise<string | undefined>
  readRecords(): Promise<RecordFiles>
  /** @returns undefined when there is no such file. */
  readFile(file: VaultFile): Promise<Buffer | undefined>
  writeFile(file: VaultFile, bytes: Uint8Array): Promise<void>
  removeFile(file: VaultFile): Promise<void>
}

/** One of the files beside the records. */
type VaultFile = keyof typeof NAMES

/** @param stateDirectory Absolute; one daemon at a time has it. */
export function vaultFiles(stateDirectory: string): VaultFiles {
  const path = (file: VaultFile): string => join(stateDirectory, NAMES[file])
  let isSwept = false
  return {
    async prepare() {
      const problem = await prepareStateDirectory(stateDirectory)
      if (problem !== undefined || isSwept) return problem
      // Once: a later attempt to open may run while a lock is being written down.
      await sweepLeftovers(stateDirectory)
      isSwept = true
      return undefined
    },
    readRecords: () => readRecordFiles(stateDirectory),
    write: (id, sealed) => writeRecordFile(stateDirectory, id, sealed),
    remove: (id) => removeRecordFile(stateDirectory, id),
    readFile: (file) => readSmallFile(path(file)),
    writeFile: (file, bytes) => writeDurable(path(file), bytes),
    removeFile: (file) => removeDurable(path(file)),
  }
}
