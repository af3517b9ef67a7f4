import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeDurable, sweepLeftovers, writeDurable } from '../platform/durable-file.ts'
import { type BrokenRecord, BrokenRecordError, brokenRecord } from './broken-record-error.ts'
import { errorCode } from './error-code.ts'
import { recordFile, recordId } from './record-name.ts'

/**
 * A record holds a few tokens of a few KB. It has room for the longest two that an answer
 * can bring, and all else beside them: what was written must open again.
 */
const MAX_RECORD_BYTES = 8_388_608

/** One record as it lies on disk. */
export interface RecordFile {
  readonly id: string
  readonly sealed: Buffer
}

/** All of them. */
export interface RecordFiles {
  readonly readable: readonly RecordFile[]
  readonly broken: readonly BrokenRecord[]
}

const WRITABLE_BY_OTHERS = 0o022

/** The directory of records below a state directory. */
export function recordDirectory(stateDirectory: string): string {
  return join(stateDirectory, 'grants')
}

/**
 * Makes the state directory and the one of its records, for the owner only, and
 * removes what a killed daemon left of a write.
 *
 * @returns Why it must not be used, such as that others can write to it; undefined
 *   when all is well.
 * @throws The error of a system call.
 */
export async function prepareStateDirectory(stateDirectory: string): Promise<string | undefined> {
  const records = recordDirectory(stateDirectory)
  for (const directory of [stateDirectory, records]) {
    // Looked at before mkdir, which would follow a link that is there.
    const problem = await directoryProblem(directory)
    if (problem !== undefined) return problem
  }
  await sweepLeftovers(records)
  return undefined
}

/** Ids of the sealed records, sorted; none when there is no such directory yet. */
export async function listRecords(stateDirectory: string): Promise<readonly string[]> {
  const names = await readdir(recordDirectory(stateDirectory)).catch(undefinedWhenMissing)
  return (names ?? []).flatMap((name) => recordId(name) ?? []).sort()
}

/** Every record as it lies on disk; what cannot be read is broken, and stops nothing. */
export async function readRecordFiles(stateDirectory: string): Promise<RecordFiles> {
  const readable: RecordFile[] = []
  const broken: BrokenRecord[] = []
  for (const id of await listRecords(stateDirectory)) {
    try {
      readable.push({ id, sealed: await readRecordFile(stateDirectory, id) })
    } catch (error) {
      broken.push(brokenRecord(error))
    }
  }
  return { readable, broken }
}

/** @throws BrokenRecordError when it cannot be read or cannot be a record */
async function readRecordFile(stateDirectory: string, id: string): Promise<Buffer> {
  const file = recordFile(id)
  const path = join(recordDirectory(stateDirectory), file)
  try {
    // Not blocking: a pipe that was put there must not hold up the start.
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
    const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      const stats = await handle.stat()
      if (!stats.isFile() || stats.size > MAX_RECORD_BYTES)
        throw new BrokenRecordError(file, 'no file, or longer than any record')
      return await handle.readFile()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (error instanceof BrokenRecordError) throw error
    throw new BrokenRecordError(file, `cannot be read: ${errorCode(error)}`, true)
  }
}

/** Replaces or makes the file of one record, durably. */
export async function writeRecordFile(
  stateDirectory: string,
  id: string,
  sealed: Uint8Array,
): Promise<void> {
  await writeDurable(join(recordDirectory(stateDirectory), recordFile(id)), sealed)
}

/** Removes the file of one record, durably. */
export async function removeRecordFile(stateDirectory: string, id: string): Promise<void> {
  await removeDurable(join(recordDirectory(stateDirectory), recordFile(id)))
}

/** Makes the directory if there is nothing at its path, and judges what is there otherwise. */
async function directoryProblem(directory: string): Promise<string | undefined> {
  const stats = await lstat(directory).catch(undefinedWhenMissing)
  if (stats === undefined) {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    return undefined
  }
  if (stats.isSymbolicLink()) return `"${directory}" is a symbolic link`
  if (!stats.isDirectory()) return `"${directory}" is not a directory`
  if (stats.uid !== process.geteuid?.()) return `"${directory}" belongs to somebody else`
  if ((stats.mode & WRITABLE_BY_OTHERS) !== 0) return `others can write to "${directory}"`
  return undefined
}

function undefinedWhenMissing(error: unknown): undefined {
  if (errorCode(error) !== 'ENOENT') throw error
  return undefined
}
