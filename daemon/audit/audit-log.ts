import { join } from 'node:path'
import { GrantdError } from '@grantd/client/protocol'
import type { Clock } from '../base/clock.ts'
import { type AuditEntry, formatAuditEntry } from './audit-record.ts'
import type { Head } from './chain.ts'
import { type ChainKey, newChainKey } from './chain-key.ts'
import { ChainSeals } from './chain-seals.ts'
import { ChainWriter } from './chain-writer.ts'
import { findEnd } from './find-end.ts'
import { judgeEnd } from './judge-end.ts'
import { readKeyFile } from './key-file.ts'
import { type LogEntry, listLogs, requireLogDirectory } from './log-directory.ts'
import type { LogFile } from './log-file.ts'
import { moveFormerLogs } from './move-former.ts'
import { guarded, unavailable } from './own-file.ts'
import { RollingFiles } from './rolling-files.ts'

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

/**
 * Opens or creates the log. A line that was cut short, by a crash before this start or by a
 * full disk since, is ended before the next one, and a line says so.
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
  readonly #rolling: RollingFiles

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
    this.#rolling = new RollingFiles(
      {
        directory: this.#directory,
        uid,
        fileBytes: options.fileBytes,
        totalBytes: options.totalBytes,
        isTorn: () => this.#writer.isTorn,
        write: (fd, entry, at) => this.#writer.write(fd, () => formatAuditEntry(entry, at)),
      },
      files.at(-1),
    )
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
    if (this.#rolling.isGone()) {
      // not at the next day: until then nobody could read what happens
      this.#rolling.begin(this.#options.clock.now())
      await this.appendDurably(damaged('the file that was written to is gone', this.#writer.head))
    }
    await this.#seals.maintain(this.#sealed)
  }

  async settle(): Promise<void> {
    await this.#seals.settle(this.#sealed)
  }

  close(): void {
    this.#rolling.close()
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
      const line = (head: Head) => formatAuditEntry(entryAfter(head), now)
      this.#rolling.grew(this.#writer.write(file.fd, line))
      return file
    })
  }

  #current(now: number): LogFile {
    const file = this.#rolling.current(now)
    if (file === undefined) throw new GrantdError('audit_unavailable', 'the audit log is closed')
    return file
  }
}

function damaged(reason: string, expected: Head | undefined): AuditEntry {
  const audit = expected === undefined ? {} : { seq: expected.seq, head: expected.hash }
  return { event: 'audit.damaged', reason, audit }
}
