import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fsync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'

/** `.<name>.<pid>.<random>`: hidden, never taken for a record, and found again by a sweep. */
const LEFTOVER = /^\..+\.\d+\.[0-9a-f]{12}$/

/**
 * Replaces a file so that a crash at any moment leaves either the old bytes or
 * the new ones, never a mixture: new file, fsync, rename, fsync of the directory.
 * A symbolic link at `path` is replaced, not followed.
 *
 * Only what waits for the disk goes through the thread pool. The other calls take
 * microseconds, less than a trip there, and each trip is time in which a crash costs what
 * is being written.
 *
 * @param mode Permissions of the file, less the umask. Default 0600.
 * @throws The error of the system call. The old bytes are then still in place,
 *   unless only the last fsync failed: then the new ones are, and may not last.
 */
export async function writeDurable(path: string, bytes: Uint8Array, mode = 0o600): Promise<void> {
  const directory = dirname(path)
  const random = randomBytes(6).toString('hex')
  const temporary = join(directory, `.${basename(path)}.${process.pid}.${random}`)
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  const file = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
  try {
    await writeAndSync(file, bytes)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  await syncDirectory(directory)
}

/**
 * Removes a file and makes the removal durable; nothing happens to what is not there.
 *
 * @throws The error of the system call.
 */
export async function removeDurable(path: string): Promise<void> {
  await rm(path, { force: true })
  await syncDirectory(dirname(path))
}

/**
 * Removes what a writer that was killed left in a directory. For a directory with
 * one writer at a time, before its first write: it does not ask whose they are.
 *
 * @throws The error of the system call.
 */
export async function sweepLeftovers(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true })
  const leftovers = entries.filter((entry) => entry.isFile() && LEFTOVER.test(entry.name))
  await Promise.all(leftovers.map((entry) => rm(join(directory, entry.name), { force: true })))
}

/**
 * Begins a new file for appending at `path`, mode 0600: what is there becomes `<path>.1`,
 * that one `<path>.2`, and so on; the oldest of `keep` is replaced. Durable when it
 * returns. It blocks for a few system calls, so that nothing is written meanwhile.
 *
 * @param keep Older files, 1 or more.
 * @returns Descriptor of the new file.
 * @throws The error of the system call. `path` is then what it was before.
 */
export function openNextGeneration(path: string, keep: number): number {
  // first of all: whoever cannot make a rename durable had better not begin
  const directory = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    const hasMoved = shiftGenerations(path, keep)
    try {
      return openEmpty(path, directory)
    } catch (error) {
      if (hasMoved) renameSync(generation(path, 1), path)
      throw error
    }
  } finally {
    closeSync(directory)
  }
}

/**
 * Makes durable that a file of this name is there, in a blocking call.
 *
 * @throws The error of the system call.
 */
export function syncDirectoryOf(path: string): void {
  const directory = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}

/** The oldest first, so that each finds its new name free; a name that is free already ends the row. */
function shiftGenerations(path: string, keep: number): boolean {
  let free = 0
  while (free < keep && isThere(generation(path, free))) free += 1
  for (let to = free; to > 0; to -= 1) renameSync(generation(path, to - 1), generation(path, to))
  return free > 0
}

function openEmpty(path: string, directory: number): number {
  const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants
  const file = openSync(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  try {
    fsyncSync(directory)
    return file
    /* c8 ignore next 4 -- no file system at hand fails to sync a directory it has just changed */
  } catch (error) {
    closeSync(file)
    throw error
  }
}

function generation(path: string, age: number): string {
  return age === 0 ? path : `${path}.${age}`
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

const sync = promisify(fsync)

async function writeAndSync(file: number, bytes: Uint8Array): Promise<void> {
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
    await sync(file)
  } finally {
    closeSync(file)
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await sync(directory)
  } finally {
    closeSync(directory)
  }
}
