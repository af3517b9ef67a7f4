import { closeSync, constants, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { StartupError } from '../base/startup-error.ts'
import { tryLock } from '../platform/libc.ts'

/** A lock that the kernel releases when the process ends, however it ends. */
export interface OwnLock {
  release(): void
}

const { O_CREAT, O_NOFOLLOW, O_RDWR } = constants

/**
 * Takes the lock of one directory, so that a socket or a vault has one owner.
 *
 * @param path Lock file, created with mode 0600; holds our pid for people to read.
 * @throws StartupError naming the pid that holds it, or why there can be no lock
 */
export function takeLock(path: string): OwnLock {
  const fd = openLock(path)
  if (!tryLock(fd)) {
    const holder = readPid(fd)
    closeSync(fd)
    throw new StartupError(
      `another daemon (pid ${holder}) holds "${path}"`,
      'one daemon per user is enough; end the other one first',
    )
  }
  ftruncateSync(fd)
  writeSync(fd, `${process.pid}\n`, 0)
  return { release: () => closeSync(fd) }
}

function openLock(path: string): number {
  try {
    return openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new StartupError(`the lock "${path}" cannot be opened: ${code}`, `look at "${path}"`)
  }
}

function readPid(fd: number): string {
  const bytes = Buffer.alloc(16)
  const length = readSync(fd, bytes, 0, bytes.length, 0)
  const text = bytes.toString('latin1', 0, length).trim()
  return /^\d+$/.test(text) ? text : 'unknown'
}
