import { REJECTED_FLOOR_SECONDS } from '../base/limits.ts'

/**
 * Remembers when a caller last forced an exchange by reporting a token as rejected,
 * so that a broken resource server cannot drive the issuer into its rate limit.
 */
export class RejectedFloor {
  readonly #last = new Map<string, number>()

  /**
   * @param now Milliseconds, monotonic.
   * @returns Seconds to wait; 0 when an exchange may be forced now.
   */
  waitSeconds(grantId: string, now: number): number {
    const last = this.#last.get(grantId)
    if (last === undefined) return 0
    return Math.max(0, Math.ceil((last + REJECTED_FLOOR_SECONDS * 1000 - now) / 1000))
  }

  /** An exchange was forced now. */
  mark(grantId: string, now: number): void {
    this.#last.set(grantId, now)
  }

  /** The grant is gone. */
  forget(grantId: string): void {
    this.#last.delete(grantId)
  }
}
