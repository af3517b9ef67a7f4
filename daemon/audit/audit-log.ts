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
  close(): void
}

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants

/**
 * Opens or creates the log, mode 0600. A last line that was cut short by a crash is
 * ended first, so that it stays one broken line.
 *
 * @throws GrantdError `audit_unavailable`
 */
export function openAuditLog(options: { readonly path: string; readonly clock: Clock }): AuditLog {
  const fd = guarded(() => {
    const opened = openSync(options.path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600)
    const { size } = fstatSync(opened)
    const last = Buffer.alloc(1)
    if (size > 0) readSync(opened, last, 0, 1, size - 1)
    if (size > 0 && last[0] !== 0x0a) writeSync(opened, '\n')
    return opened
  })
  const append = (entry: AuditEntry): void => {
    const line = Buffer.from(formatAuditEntry(entry, options.clock.now()))
    guarded(() => {
      for (let done = 0; done < line.length; ) done += writeSync(fd, line, done)
    })
  }
  return {
    append,
    async appendDurably(entry) {
      append(entry)
      await new Promise<void>((resolve, reject) => {
        fdatasync(fd, (error) => (error ? reject(unavailable(error)) : resolve()))
      })
    },
    close: () => closeSync(fd),
  }
}

function guarded<T>(write: () => T): T {
  try {
    return write()
  } catch (error) {
    throw unavailable(error)
  }
}

function unavailable(error: unknown): GrantdError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return new GrantdError('audit_unavailable', `the audit log cannot be written: ${code}`)
}
