import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { StartupError } from '../base/startup-error.ts'
import { tryLock } from '../platform/libc.ts'

/** A lock that the kernel releases when the process ends, however it ends. */
export interface OwnLock {
  release(): void
}

const { O_CREAT, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants

/** Files this process holds, as device and inode: a pid alone may be one of another container. */
const held = new Set<string>()

/**
 * Takes the lock of one directory, so that a socket or a vault has one owner. The directory
 * itself is locked too: whoever takes the lock file for a leftover and removes it makes no
 * room for a second owner.
 *
 * @param path Lock file, created with mode 0600; holds our pid for people to read.
 * @throws StartupError naming the pid that holds it, or why there can be no lock
 */
export function takeLock(path: string): OwnLock {
  const directory = lockDirectory(path)
  try {
    const file = takeFile(path)
    return {
      release() {
        file.release()
        directory.release()
      },
    }
  } catch (error) {
    directory.release()
    throw error
  }
}

function takeFile(path: string): OwnLock {
  const fd = openLock(path)
  try {
    return lockFile(path, fd)
  } catch (error) {
    closeSync(fd)
    if (error instanceof StartupError) throw error
    throw impossible(path, error)
  }
}

function lockDirectory(path: string): OwnLock {
  const fd = openDirectory(path)
  const { dev, ino } = fstatSync(fd)
  const name = `${dev}:${ino}`
  if (isFree(fd)) return holding(name, fd)
  closeSync(fd)
  throw held.has(name) ? ownedTwice(path) : ownedByAnother(path, pidIn(path))
}

function openDirectory(path: string): number {
  try {
    return openSync(dirname(path), O_RDONLY | O_DIRECTORY)
  } catch (error) {
    throw impossible(path, error)
  }
}

/** True also where directories cannot be locked, as on NFS: then the file is all there is. */
function isFree(directory: number): boolean {
  try {
    return tryLock(directory)
  } catch {
    return true
  }
}

function holding(name: string, fd: number): OwnLock {
  held.add(name)
  return {
    release() {
      held.delete(name)
      closeSync(fd)
    },
  }
}

function openLock(path: string): number {
  try {
    // not blocking: whoever made a pipe of the file shall not make us wait for it
    return openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600)
  } catch (error) {
    throw impossible(path, error)
  }
}

function lockFile(path: string, fd: number): OwnLock {
  const stats = fstatSync(fd)
  if (!stats.isFile())
    throw new StartupError(`the lock "${path}" is not a file`, `move "${path}" away`)
  const file = `${stats.dev}:${stats.ino}`
  if (!tryLock(fd)) throw held.has(file) ? ownedTwice(path) : ownedByAnother(path, readPid(fd))
  ftruncateSync(fd)
  writeSync(fd, `${process.pid}\n`, 0)
  return holding(file, fd)
}

function ownedTwice(path: string): StartupError {
  return new StartupError(
    `this process (pid ${process.pid}) holds "${path}" already`,
    'the runtime directory and the state directory must differ: --runtime-dir, --state-dir',
  )
}

function ownedByAnother(path: string, pid: string): StartupError {
  return new StartupError(
    `another daemon (pid ${pid}) holds "${path}"`,
    'one daemon per user is enough; end the other one first',
  )
}

function impossible(path: string, error: unknown): StartupError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return new StartupError(
    `the lock "${path}" cannot be taken: ${code}`,
    HINTS[code] ?? `look at "${path}"`,
  )
}

const HINTS: Readonly<Record<string, string>> = {
  ELOOP: 'it is a symbolic link; move it away',
  EISDIR: 'it is a directory; move it away',
  ENXIO: 'it is a socket; move it away',
  EACCES: 'it has to be a file of your own',
  ENOSPC: 'make room on its disk',
}

/** What the owner of the directory wrote, if its file is still there. */
function pidIn(path: string): string {
  try {
    const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      return readPid(fd)
    } finally {
      closeSync(fd)
    }
  } catch {
    // it is refused all the same
    return 'unknown'
  }
}

function readPid(fd: number): string {
  const bytes = Buffer.alloc(16)
  const length = readSync(fd, bytes, 0, bytes.length, 0)
  const text = bytes.toString('latin1', 0, length).trim()
  return /^\d+$/.test(text) ? text : 'unknown'
}
