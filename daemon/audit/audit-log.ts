import { fdatasyncSync, fstatSync, lstatSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { GrantdError } from '@grantd/client/protocol'
import type { Clock } from '../base/clock.ts'
import { syncDirectoryOf } from '../platform/durable-file.ts'
import { type AuditEntry, formatAuditEntry } from './audit-record.ts'
import type { Head } from './chain.ts'
import { type ChainKey, newChainKey } from './chain-key.ts'
import { ChainSeals } from './chain-seals.ts'
import { ChainWriter } from './chain-writer.ts'
import { findEnd } from './find-end.ts'
import { judgeEnd } from './judge-end.ts'
import { readKeyFile } from './key-file.ts'
import {
  createLog,
  type LogEntry,
  listLogs,
  openToAppend,
  requireLogDirectory,
} from './log-directory.ts'
import { LogFile } from './log-file.ts'
import { followingName, formatLogName, type LogName, nextDay } from './log-name.ts'
import { moveFormerLogs } from './move-former.ts'
import { guarded, unavailable } from './own-file.ts'
import { chooseVictims, victimOf } from './prune.ts'

/** What happened, on record before the answer leaves. */
export interface AuditLog {
  /**
   * Hands one line to the kernel: it survives the daemon's death, not the machine's.
   *
   * @throws GrantdError `audit_unavailable`
   */
  append(entry: AuditEntry): void
  /**
   * Resolves when the line is on the disk. For what must survive a power cut:
   * logins, exchanges, revocations, locks, changes of policy.
   *
   * @throws GrantdError `audit_unavailable`
   */
  appendDurably(entry: AuditEntry): Promise<void>
  /** Whatever is appended afterwards is refused. */
  close(): void
}

/** The log on disk, whose lines are one chain. */
export interface ChainedLog extends AuditLog {
  /** Where the chain stands now, and what is known of its newest stretch. */
  snapshot(): LogSnapshot
  /** Seals what is old enough, and looks whether our file is still there; to be called now and then. */
  maintain(): Promise<void>
  /** Notes beside the log how it ends; to be called before the last `close`. */
  settle(): Promise<void>
}

/** A log at one moment. */
export interface LogSnapshot {
  readonly files: readonly LogEntry[]
  readonly head: Head
  /** What was cut short behind the last whole line of the newest file, and is not told of yet. */
  readonly fragment: string | undefined
  /** True when a line from this number on was written by the daemon. */
  readonly newest: Pick<ChainSeals, 'isOurs'>
}

/** How an audit log is opened. */
export interface AuditLogOptions {
  /** The log is in `audit/` in there, its key in `audit.key`. */
  readonly stateDirectory: string
  /** Our own effective uid. */
  readonly uid: number
  readonly clock: Clock
  /** Where a file ends and another begins. */
  readonly fileBytes: number
  /** What all files together take at most. */
  readonly totalBytes: number
  /** How long a line waits for a seal. */
  readonly sealMs: number
}

/** After a new file could not be made: not again with every record, but long before it matters. */
const RETRY_BYTES = 1_048_576

/** Names that may be taken already, by whoever wants to keep us from a new file. */
const MAX_TAKEN_NAMES = 100

/**
 * Opens or creates the log. A line that was cut short, by a crash before this start or by a
 * full disk since, is ended before the next one, and a line says so. A new file begins with
 * each day (UTC) and when one is full; when that fails the old one goes on to grow, and no
 * record is lost or refused. The oldest files go when all together are too long.
 *
 * @throws GrantdError `audit_unavailable`, also when something is there and is not ours alone
 */
export async function openAuditLog(options: AuditLogOptions): Promise<ChainedLog> {
  try {
    const log = new AuditFiles(options)
    try {
      await log.begin()
      return log
    } catch (error) {
      log.close()
      throw error
    }
  } catch (error) {
    throw unavailable(error)
  }
}

class AuditFiles implements ChainedLog {
  readonly #options: AuditLogOptions
  readonly #directory: string
  readonly #writer: ChainWriter
  readonly #seals: ChainSeals
  readonly #beginning: readonly AuditEntry[]
  #file: LogFile | undefined
  #name: LogName | undefined
  #inode = 0
  #size = 0
  #newFileAt = { ms: 0, bytes: 0 }

  constructor(options: AuditLogOptions) {
    const { stateDirectory, uid, clock } = options
    this.#options = options
    this.#directory = join(stateDirectory, 'audit')
    requireLogDirectory(this.#directory, uid)
    const former = join(stateDirectory, 'audit-former')
    const moved = moveFormerLogs(stateDirectory, former)
    const keyFile = join(stateDirectory, 'audit.key')
    const known = readKeyFile(keyFile, uid)
    const files = listLogs(this.#directory, uid)
    const end = findEnd(files, uid)
    const { head, key, damage } = judgeEnd(end, known)
    const current = key ?? newChainKey()
    this.#beginning = [
      ...(damage === undefined ? [] : [damaged(damage, known?.head)]),
      ...(moved === 0
        ? []
        : [{ event: 'audit.moved', audit: { files: moved, to: former } } as const]),
    ]
    const now = (): number => clock.now()
    this.#writer = new ChainWriter({
      head,
      macKey: current.mac,
      isTorn: end.isTorn,
      fragment: end.fragment,
      now,
    })
    this.#seals = new ChainSeals({
      path: keyFile,
      current,
      isNew: key === undefined,
      clock,
      sealMs: options.sealMs,
    })
    const newest = files.at(-1)
    if (newest !== undefined) this.#goOn(newest)
  }

  /** The first lines of a start: a new key, and what was found to be otherwise than expected. */
  async begin(): Promise<void> {
    await this.#seals.begin(this.#sealed)
    for (const entry of this.#beginning) await this.appendDurably(entry)
  }

  append(entry: AuditEntry): void {
    this.#write(() => entry)
  }

  async appendDurably(entry: AuditEntry): Promise<void> {
    await this.#write(() => entry).sync()
  }

  snapshot(): LogSnapshot {
    return guarded(() => ({
      files: listLogs(this.#directory, this.#options.uid),
      head: this.#writer.head,
      fragment: this.#writer.fragment,
      newest: this.#seals,
    }))
  }

  async maintain(): Promise<void> {
    if (this.#file !== undefined && this.#isGone()) {
      // not at the next day: until then nobody could read what happens
      this.#begin(this.#options.clock.now())
      await this.appendDurably(damaged('the file that was written to is gone', this.#writer.head))
    }
    await this.#seals.maintain(this.#sealed)
  }

  async settle(): Promise<void> {
    await this.#seals.settle(this.#sealed)
  }

  close(): void {
    this.#file?.leave()
    this.#file = undefined
    this.#writer.wipe()
  }

  /** What seals need of the log. */
  readonly #sealed = {
    head: (): Head => this.#writer.head,
    sync: async (): Promise<void> => await this.#current(this.#options.clock.now()).sync(),
    write: (entryAfter: (head: Head) => AuditEntry): void => void this.#write(entryAfter),
    use: (key: ChainKey['mac']): void => this.#writer.use(key),
  }

  /** @returns The file the line is in. */
  #write(entryAfter: (head: Head) => AuditEntry): LogFile {
    const now = this.#options.clock.now()
    return guarded(() => {
      const file = this.#current(now)
      this.#size += this.#writer.write(file.fd, (head) => formatAuditEntry(entryAfter(head), now))
      return file
    })
  }

  #current(now: number): LogFile {
    const file = this.#file
    if (file === undefined) {
      if (this.#name !== undefined) throw closed()
      return this.#begin(now)
    }
    const isDue = now >= this.#newFileAt.ms || this.#size >= this.#newFileAt.bytes
    // a torn line is ended in the file it is in
    if (!isDue || this.#writer.isTorn) return file
    try {
      return this.#begin(now)
    } catch {
      // the old file goes on: whether it can be written is what the caller will learn
      this.#newFileAt = { ms: nextDay(now), bytes: this.#size + RETRY_BYTES }
      return file
    }
  }

  #goOn({ name, path, size }: LogEntry): void {
    this.#use(name, openToAppend(path, this.#options.uid))
    this.#size = size
    this.#newFileAt = { ms: endOfDay(name), bytes: this.#options.fileBytes }
  }

  #use(name: LogName, fd: number): LogFile {
    const file = new LogFile(fd)
    this.#file = file
    this.#name = name
    this.#inode = fstatSync(fd).ino
    return file
  }

  /** Begins another file, and lets the oldest go if there is no room for it. */
  #begin(now: number): LogFile {
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

  #make(now: number): { readonly name: LogName; readonly fd: number } {
    let name = followingName(this.#name, now)
    for (let taken = 0; ; taken += 1) {
      const path = join(this.#directory, formatLogName(name))
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
    const { uid, fileBytes, totalBytes } = this.#options
    const files = listLogs(this.#directory, uid)
    for (const entry of chooseVictims(files, fileBytes, totalBytes)) {
      const { path, file, head } = victimOf(entry, uid)
      const audit = { file, ...(head && { seq: head.seq, head: head.hash }) }
      const pruned = { event: 'audit.pruned', audit } as const
      this.#size += this.#writer.write(fd, () => formatAuditEntry(pruned, now))
      fdatasyncSync(fd)
      unlinkSync(path)
      syncDirectoryOf(path)
    }
  }

  #isGone(): boolean {
    if (this.#name === undefined) return false
    const path = join(this.#directory, formatLogName(this.#name))
    const stats = lstatSync(path, { throwIfNoEntry: false })
    return stats?.ino !== this.#inode
  }
}

function endOfDay({ day }: LogName): number {
  return nextDay(Date.parse(`${day}T00:00:00.000Z`))
}

function damaged(reason: string, expected: Head | undefined): AuditEntry {
  const audit = expected === undefined ? {} : { seq: expected.seq, head: expected.hash }
  return { event: 'audit.damaged', reason, audit }
}

function closed(): GrantdError {
  return new GrantdError('audit_unavailable', 'the audit log is closed')
}
