import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
} from 'node:fs'
import { join } from 'node:path'
import { judgeDirectory } from '../base/private-directory.ts'
import { compareLogNames, formatLogName, type LogName, parseLogName } from './log-name.ts'
import { requireOwnFile, unusable } from './own-file.ts'

/** A file of the log as it lies on disk. */
export interface LogEntry {
  readonly name: LogName
  readonly path: string
  /** Bytes. */
  readonly size: number
}

/**
 * Makes the directory of the log, for the owner only.
 *
 * @throws GrantdError `audit_unavailable` when what is there is not ours alone
 */
export function requireLogDirectory(directory: string, uid: number): void {
  if (lstatSync(directory, { throwIfNoEntry: false }) === undefined) mkdirSync(directory, 0o700)
  const problem = judgeDirectory(lstatSync(directory), uid)
  if (problem !== undefined)
    throw unusable(`"${directory}" ${problem.what}`, problem.hint(directory))
}

/**
 * The files of the log, oldest first. What has another name is none of ours and stays unread.
 *
 * @throws GrantdError `audit_unavailable` when one is a link, a pipe, or not ours alone
 */
export function listLogs(directory: string, uid: number): LogEntry[] {
  return readdirSync(directory)
    .flatMap((name) => parseLogName(name) ?? [])
    .sort(compareLogNames)
    .map((name) => {
      const path = join(directory, formatLogName(name))
      const stats = lstatSync(path)
      requireOwnFile(stats, path, uid)
      return { name, path, size: stats.size }
    })
}

/** Opens a file of the log to read it, and waits for nobody at the other end of a pipe. */
export function openToRead(path: string, uid: number): number {
  return openChecked(path, uid, constants.O_RDONLY)
}

/** Opens a file of the log that is there, to go on with it. */
export function openToAppend(path: string, uid: number): number {
  return openChecked(path, uid, constants.O_RDWR | constants.O_APPEND)
}

/** Makes a file of the log; fails when there is anything of this name. */
export function createLog(path: string): number {
  const { O_RDWR, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  return openSync(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
}

function openChecked(path: string, uid: number, flags: number): number {
  const fd = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    requireOwnFile(fstatSync(fd), path, uid)
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}
