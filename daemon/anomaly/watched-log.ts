import type { ChainedLog, LogSnapshot } from '../audit/audit-log.ts'
import type { AuditEntry } from '../audit/audit-record.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { anomalyEntry, type Finding } from './anomaly.ts'
import type { AnomalyWatch } from './anomaly-watch.ts'

/** What a watched log is made of. */
export interface WatchedLogOptions {
  readonly inner: ChainedLog
  readonly watch: Pick<AnomalyWatch, 'see'>
  readonly clock: Clock
  readonly log: Log
  /** Gets each anomaly once it was put on record, or could not be. */
  readonly onAnomaly: (finding: Finding) => void
}

/**
 * The audit log, whose records are looked at as soon as they are written. What comes of that
 * is nobody's answer: neither an anomaly nor a mistake in finding one costs anybody a token.
 */
export class WatchedLog implements ChainedLog {
  readonly #options: WatchedLogOptions

  constructor(options: WatchedLogOptions) {
    this.#options = options
  }

  append(entry: AuditEntry): void {
    this.#options.inner.append(entry)
    this.#look(entry)
  }

  async appendDurably(entry: AuditEntry): Promise<void> {
    await this.#options.inner.appendDurably(entry)
    this.#look(entry)
  }

  snapshot(): LogSnapshot {
    return this.#options.inner.snapshot()
  }

  async maintain(): Promise<void> {
    await this.#options.inner.maintain()
  }

  async settle(): Promise<void> {
    await this.#options.inner.settle()
  }

  close(): void {
    this.#options.inner.close()
  }

  #look(entry: AuditEntry): void {
    const { watch, clock, log } = this.#options
    try {
      for (const finding of watch.see(entry, clock.now())) this.#tell(finding)
    } catch (error) {
      log.error('a record could not be looked at', error)
    }
  }

  #tell(finding: Finding): void {
    const { inner, log, onAnomaly } = this.#options
    try {
      inner.append(anomalyEntry(finding))
    } catch (error) {
      log.error('an anomaly could not be put on record', error)
    }
    onAnomaly(finding)
  }
}
