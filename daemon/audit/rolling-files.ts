import { fdatasyncSync, fstatSync, lstatSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { syncDirectoryOf } from '../platform/durable-file.ts'
import type { AuditEntry } from './audit-record.ts'
import { createLog, type LogEntry, listLogs, openToAppend } from './log-directory.ts'
import { LogFile } from './log-file.ts'
import { followingName, formatLogName, type LogName, nextDay } from './log-name.ts'
import { chooseVictims, victimOf } from './prune.ts'

/** Bounds of the files, and who writes into them. */
export interface RollingFilesOptions {
  readonly directory: string
  /** Our own effective uid. */
  readonly uid: number
  /** Where a file ends and another begins. */
  readonly fileBytes: number
  /** What all files together take at most. */
  readonly totalBytes: number
  /** True while a line is cut short: it is ended in the file it is in. */
  readonly isTorn: () => boolean
  /** Writes a line into a new file. @returns Its bytes. @throws unknown when it cannot be written */
  readonly write: (fd: number, entry: AuditEntry, now: number) => number
}

/** After a new file could not be made: not again with every record, but long before it matters. */
const RETRY_BYTES = 1_048_576

/** Names that may be taken already, by whoever wants to keep us from a new file. */
const MAX_TAKEN_NAMES = 100

/**
 * The file that is written to: another with each day (UTC), and when one is full. When that
 * fails the old one goes on to grow, and no record is lost or refused. The oldest go when all
 * together are too long.
 */
export class RollingFiles {
  readonly #options: RollingFilesOptions
  #file: LogFile | undefined
  #name: LogName | undefined
  #inode = 0
  #size = 0
  #newFileAt = { ms: 0, bytes: 0 }

  /** @param newest That of a start before; it is gone on with. @throws SystemError when it cannot be */
  constructor(options: RollingFilesOptions, newest: LogEntry | undefined) {
    this.#options = options
    if (newest === undefined) return
    this.#use(newest.name, openToAppend(newest.path, options.uid))
    this.#size = newest.size
    this.#newFileAt = { ms: endOfDay(newest.name), bytes: options.fileBytes }
  }

  /**
   * Where a line of this moment belongs; `undefined` once they are closed.
   *
   * @throws SystemError when there is no file and none can be made
   */
  current(now: number): LogFile | undefined {
    const file = this.#file
    if (file === undefined) return this.#name === undefined ? this.begin(now) : undefined
    const isDue = now >= this.#newFileAt.ms || this.#size >= this.#newFileAt.bytes
    if (!isDue || this.#options.isTorn()) return file
    try {
      return this.begin(now)
    } catch {
      // the old file goes on: whether it can be written is what the caller will learn
      this.#newFileAt = { ms: nextDay(now), bytes: this.#size + RETRY_BYTES }
      return file
    }
  }

  /** So much was written into the current file. */
  grew(bytes: number): void {
    this.#size += bytes
  }

  /**
   * Begins another file, and lets the oldest go if there is no room for it.
   *
   * @throws SystemError when it cannot be made; the one before goes on then
   */
  begin(now: number): LogFile {
    const { name, fd } = this.#make(now)
    this.#file?.leave()
    const file = this.#use(name, fd)
    this.#size = 0
    this.#newFileAt = { ms: Math.max(nextDay(now), endOfDay(name)), bytes: this.#options.fileBytes }
    try {
      this.#prune(file.fd, now)
    } catch {
      // tried again with the next file; one file too many is no reason to refuse a record
    }
    return file
  }

  /** True when the file that is written to is not where it was: nobody can read what is in it. */
  isGone(): boolean {
    if (this.#file === undefined || this.#name === undefined) return false
    const path = join(this.#options.directory, formatLogName(this.#name))
    return lstatSync(path, { throwIfNoEntry: false })?.ino !== this.#inode
  }

  /** There is no current file any more, and none is made. */
  close(): void {
    this.#file?.leave()
    this.#file = undefined
  }

  #use(name: LogName, fd: number): LogFile {
    const file = new LogFile(fd)
    this.#file = file
    this.#name = name
    this.#inode = fstatSync(fd).ino
    return file
  }

  #make(now: number): { readonly name: LogName; readonly fd: number } {
    let name = followingName(this.#name, now)
    for (let taken = 0; ; taken += 1) {
      const path = join(this.#options.directory, formatLogName(name))
      try {
        const fd = createLog(path)
        syncDirectoryOf(path)
        return { name, fd }
      } catch (error) {
        const isTaken = (error as NodeJS.ErrnoException).code === 'EEXIST'
        if (!isTaken || taken === MAX_TAKEN_NAMES) throw error
        name = { day: name.day, part: name.part + 1 }
      }
    }
  }

  /** What goes is on the disk as gone before it goes. */
  #prune(fd: number, now: number): void {
    const { directory, uid, fileBytes, totalBytes, write } = this.#options
    for (const entry of chooseVictims(listLogs(directory, uid), fileBytes, totalBytes)) {
      const { path, file, head } = victimOf(entry, uid)
      const audit = { file, ...(head && { seq: head.seq, head: head.hash }) }
      this.#size += write(fd, { event: 'audit.pruned', audit }, now)
      fdatasyncSync(fd)
      unlinkSync(path)
      syncDirectoryOf(path)
    }
  }
}

function endOfDay({ day }: LogName): number {
  return nextDay(Date.parse(`${day}T00:00:00.000Z`))
}
