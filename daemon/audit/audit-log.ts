import { closeSync, constants, fdatasync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { GrantdError } from '@grantd/client/protocol'
import type { Clock } from '../base/clock.ts'
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

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants

const NEWLINE = 0x0a

/**
 * Opens or creates the log, mode 0600. A line that was cut short, by a crash before
 * this start or by a full disk since, is ended before the next one, so that it stays
 * one broken line.
 *
 * @throws GrantdError `audit_unavailable`
 */
export function openAuditLog(options: { readonly path: string; readonly clock: Clock }): AuditLog {
  // a number of ours until close(): then the kernel may give it to another file
  let open: number | undefined = guarded(() =>
    openSync(options.path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600),
  )
  const descriptor = (): number => {
    if (open === undefined) throw new GrantdError('audit_unavailable', 'the audit log is closed')
    return open
  }
  let isTorn = guarded(() => endsTorn(descriptor()))
  const append = (entry: AuditEntry): void => {
    const fd = descriptor()
    const text = formatAuditEntry(entry, options.clock.now())
    const line = Buffer.from(isTorn ? `\n${text}` : text)
    guarded(() => {
      for (let done = 0; done < line.length; ) {
        done += writeSync(fd, line, done)
        isTorn = line[done - 1] !== NEWLINE
      }
    })
  }
  return {
    append,
    async appendDurably(entry) {
      append(entry)
      await new Promise<void>((resolve, reject) => {
        fdatasync(descriptor(), (error) => (error ? reject(unavailable(error)) : resolve()))
      })
    },
    close() {
      if (open !== undefined) closeSync(open)
      open = undefined
    },
  }
}

/** True when the last byte is no line end. */
function endsTorn(fd: number): boolean {
  const { size } = fstatSync(fd)
  const last = Buffer.alloc(1)
  return size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE
}

function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw unavailable(error)
  }
}

function unavailable(error: unknown): GrantdError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return new GrantdError('audit_unavailable', `the audit log cannot be written: ${code}`)
}
