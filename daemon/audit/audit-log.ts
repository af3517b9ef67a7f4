import { closeSync, constants, fdatasync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { GrantdError } from '@grantd/client/protocol'
import type { Clock } from '../base/clock.ts'
import { openNextGeneration, syncDirectoryOf } from '../platform/durable-file.ts'
import { type AuditEntry, formatAuditEntry } from './audit-record.ts'

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
   * logins, exchanges, revocations.
   *
   * @throws GrantdError `audit_unavailable`
   */
  appendDurably(entry: AuditEntry): Promise<void>
  /** Whatever is appended afterwards is refused. */
  close(): void
}

/** How an audit log is opened. */
export interface AuditLogOptions {
  /** Absolute; what was there before lies beside it as `<path>.1` (newest) to `<path>.4`. */
  readonly path: string
  /** Our own effective uid. */
  readonly uid: number
  readonly clock: Clock
}

/** A few hundred thousand records: months of real use, a minute's work for whoever searches them. */
const MAX_FILE_BYTES = 67_108_864

/** With the file that is written to, at most 320 MiB in all. */
const GENERATIONS = 4

/** After a rotation that failed: not again with every record, but long before it matters. */
const RETRY_BYTES = 1_048_576

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants

const NEWLINE = 0x0a

/**
 * Opens or creates the log, mode 0600. A line that was cut short, by a crash before
 * this start or by a full disk since, is ended before the next one, so that it stays
 * one broken line. A file that has grown to 64 MiB makes way for a new one between two
 * lines; when that fails the old one goes on to grow, and no record is lost or refused.
 *
 * @throws GrantdError `audit_unavailable`, also when the file is there and is not ours alone
 */
export function openAuditLog(options: AuditLogOptions): AuditLog {
  return guarded(() => new AuditFiles(options))
}

class AuditFiles implements AuditLog {
  readonly #path: string
  readonly #clock: Clock
  #file: LogFile | undefined
  #size: number
  #isTorn: boolean
  /** The size at which to look whether it is time to rotate. */
  #rotateAt = MAX_FILE_BYTES

  constructor({ path, uid, clock }: AuditLogOptions) {
    this.#path = path
    this.#clock = clock
    // not blocking: whoever made a pipe of the file shall not make us wait for it
    const flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK
    const fd = openSync(path, flags, 0o600)
    try {
      refuseForeign(fd, path, uid)
      syncDirectoryOf(path)
      this.#size = fstatSync(fd).size
      this.#isTorn = endsTorn(fd, this.#size)
    } catch (error) {
      closeSync(fd)
      throw error
    }
    this.#file = new LogFile(fd)
  }

  append(entry: AuditEntry): void {
    this.#write(entry)
  }

  async appendDurably(entry: AuditEntry): Promise<void> {
    await this.#write(entry).sync()
  }

  close(): void {
    this.#file?.leave()
    this.#file = undefined
  }

  /** @returns The file the line is in. */
  #write(entry: AuditEntry): LogFile {
    const file = this.#current()
    const text = formatAuditEntry(entry, this.#clock.now())
    const line = Buffer.from(this.#isTorn ? `\n${text}` : text)
    guarded(() => {
      for (let done = 0; done < line.length; ) {
        const written = writeSync(file.fd, line, done)
        done += written
        this.#size += written
        this.#isTorn = line[done - 1] !== NEWLINE
      }
    })
    return file
  }

  #current(): LogFile {
    if (this.#file === undefined)
      throw new GrantdError('audit_unavailable', 'the audit log is closed')
    // a torn line is ended in the file it is in
    if (this.#size < this.#rotateAt || this.#isTorn) return this.#file
    try {
      this.#rotate(this.#file)
    } catch {
      this.#rotateAt = this.#size + RETRY_BYTES
    }
    return this.#file
  }

  #rotate(full: LogFile): void {
    this.#size = fstatSync(full.fd).size
    if (this.#size >= MAX_FILE_BYTES) {
      this.#file = new LogFile(openNextGeneration(this.#path, GENERATIONS))
      this.#size = 0
      full.leave()
    }
    this.#rotateAt = MAX_FILE_BYTES
  }
}

/** An open file. Its number stays ours until the last sync of it is over: then the kernel may give it away. */
class LogFile {
  readonly fd: number
  #syncs = 0
  #isLeft = false

  constructor(fd: number) {
    this.fd = fd
  }

  async sync(): Promise<void> {
    this.#syncs += 1
    await new Promise<void>((resolve, reject) => {
      fdatasync(this.fd, (error) => {
        this.#syncs -= 1
        if (this.#isLeft) this.leave()
        if (error) reject(unavailable(error))
        else resolve()
      })
    })
  }

  /** Nothing is written any more. */
  leave(): void {
    this.#isLeft = true
    if (this.#syncs === 0) closeSync(this.fd)
  }
}

/** Who can write to the log can change what happened, and who can read it knows what it says. */
function refuseForeign(fd: number, path: string, uid: number): void {
  const stats = fstatSync(fd)
  const mode = stats.mode & 0o777
  if (!stats.isFile()) throw unusable(`"${path}" is not a file`, `move "${path}" away`)
  if (stats.uid !== uid)
    throw unusable(`"${path}" belongs to uid ${stats.uid}`, `move "${path}" away`)
  if ((mode & 0o077) !== 0)
    throw unusable(
      `"${path}" is open to others (mode ${mode.toString(8)})`,
      `see who wrote to it, then: chmod 600 "${path}"`,
    )
}

function unusable(what: string, hint: string): GrantdError {
  return new GrantdError('audit_unavailable', `the audit log cannot be used: ${what}`, { hint })
}

/** True when the last byte is no line end. */
function endsTorn(fd: number, size: number): boolean {
  const last = Buffer.alloc(1)
  return size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE
}

function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof GrantdError ? error : unavailable(error)
  }
}

function unavailable(error: unknown): GrantdError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return new GrantdError('audit_unavailable', `the audit log cannot be written: ${code}`)
}
