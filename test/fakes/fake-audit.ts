import { GrantdError } from '@grantd/client/protocol'
import type { AuditLog } from '../../daemon/audit/audit-log.ts'
import {
  type AuditEntry,
  type AuditEvent,
  formatAuditEntry,
} from '../../daemon/audit/audit-record.ts'

/** An audit log in memory that a test can break. */
export class FakeAudit implements AuditLog {
  readonly steps: string[]
  readonly entries: AuditEntry[] = []
  /** Events that cannot be written from now on; `all` of them. */
  failing: 'all' | readonly AuditEvent[] = []
  /** Runs while a durable record is on its way to the disk. */
  whileSyncing: (entry: AuditEntry) => Promise<void> = async () => undefined

  constructor(steps: string[] = []) {
    this.steps = steps
  }

  /** Every line as it would be on disk. */
  get text(): string {
    return this.entries.map((entry) => formatAuditEntry(entry, 0)).join('')
  }

  get last(): AuditEntry | undefined {
    return this.entries.at(-1)
  }

  events(): string[] {
    return this.entries.map((entry) => entry.event)
  }

  append(entry: AuditEntry): void {
    if (this.failing === 'all' || this.failing.includes(entry.event))
      throw new GrantdError('audit_unavailable', 'the audit log cannot be written: ENOSPC')
    this.steps.push(`audit: ${entry.event}`)
    this.entries.push({ ...entry })
  }

  async appendDurably(entry: AuditEntry): Promise<void> {
    this.append(entry)
    await this.whileSyncing(entry)
  }

  close(): void {}
}
