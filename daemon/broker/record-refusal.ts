import type { AuditLog } from '../audit/audit-log.ts'
import type { Clock } from '../base/clock.ts'
import type { Peer } from '../peer/peer.ts'

/** How long one record speaks for all refusals of the same process. */
const WINDOW_MS = 1_000

/** Records of one window: enough for whoever looks around, too few to fill a disk. */
const MAX_RECORDS = 8

/**
 * Puts on record who was turned away before any use case was asked. A flood is cut
 * short: one record a second for each process, and a few in all; the next one says how
 * many were left out.
 */
export class RefusalRecord {
  readonly #audit: AuditLog
  readonly #clock: Clock
  readonly #recorded = new Set<string>()
  #windowStart = Number.NEGATIVE_INFINITY
  #leftOut = 0

  constructor(options: { readonly audit: AuditLog; readonly clock: Clock }) {
    this.#audit = options.audit
    this.#clock = options.clock
  }

  /**
   * @param peer Absent when the kernel did not say who it was.
   * @param reason A code of ours.
   * @throws GrantdError `audit_unavailable`
   */
  record(peer: Peer | undefined, reason: string): void {
    const now = this.#clock.monotonic()
    if (now - this.#windowStart >= WINDOW_MS) {
      this.#windowStart = now
      this.#recorded.clear()
    }
    const key = `${peer?.pid} ${peer?.startTime} ${reason}`
    if (this.#recorded.has(key) || this.#recorded.size >= MAX_RECORDS) {
      this.#leftOut += 1
      return
    }
    this.#recorded.add(key)
    const more = this.#leftOut === 0 ? '' : `, ${this.#leftOut} more before`
    this.#audit.append({ event: 'peer.refused', ...(peer && { peer }), reason: reason + more })
    this.#leftOut = 0
  }
}
