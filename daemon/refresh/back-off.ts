import type { Clock } from '../base/clock.ts'
import { type Moment, momentIn, msUntil } from '../base/moment.ts'

/** How the pauses after consecutive failures of one kind grow. */
export interface Pauses {
  readonly firstSeconds: number
  /** Each pause is twice the one before, up to this. */
  readonly mostSeconds: number
  /** The part of a pause that chance may take away, 0 to 1, so that not everybody asks at once. */
  readonly jitter: number
  /** So many failures in a row have no pause yet; default none. */
  readonly free?: number
}

interface Kept {
  readonly pauses: Pauses
  /** Consecutive failures with these pauses. */
  readonly failures: number
  readonly reason: string
  readonly end: Moment
}

/**
 * Who must not be asked again yet, and for how long. In memory only: a restart asks
 * once more. A pause is over as soon as either clock says so.
 */
export class BackOff {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #kept = new Map<string, Kept>()

  /** @param options.random 0 up to 1, like `Math.random`. */
  constructor(options: { readonly clock: Clock; readonly random: () => number }) {
    this.#clock = options.clock
    this.#random = options.random
  }

  /** How many have failed and not succeeded since. */
  get size(): number {
    return this.#kept.size
  }

  /**
   * A failure: from now on there is a pause. Another kind of failure, told by another
   * `pauses` object, starts from its own first pause.
   *
   * @returns Whole seconds until the pause is over, at least 1; 0 where there is none yet.
   */
  failed(id: string, reason: string, pauses: Pauses): number {
    const before = this.#kept.get(id)
    const failures = before?.pauses === pauses ? before.failures + 1 : 1
    const paused = failures - (pauses.free ?? 0)
    const grown = Math.min(pauses.firstSeconds * 2 ** (paused - 1), pauses.mostSeconds)
    const ms = paused > 0 ? Math.max(1, grown * (1 - pauses.jitter * this.#random())) * 1000 : 0
    this.#kept.set(id, { pauses, failures, reason, end: momentIn(this.#clock, ms) })
    return Math.ceil(ms / 1000)
  }

  /** Whole seconds until the pause is over; 0 when nothing stands in the way. */
  waitSeconds(id: string): number {
    const kept = this.#kept.get(id)
    return kept === undefined ? 0 : Math.max(0, Math.ceil(msUntil(this.#clock, kept.end) / 1000))
  }

  /** Why the last attempt failed; `undefined` when it did not. */
  lastReason(id: string): string | undefined {
    return this.#kept.get(id)?.reason
  }

  /** What stood in the way of everybody is over: pauses of this kind are forgotten. */
  clearKind(pauses: Pauses): void {
    for (const [id, kept] of this.#kept) if (kept.pauses === pauses) this.#kept.delete(id)
  }

  /** It worked, or there is nothing left to ask for. */
  clear(id: string): void {
    this.#kept.delete(id)
  }

  /** The same, and for every key that begins with it and a blank. */
  clearAll(id: string): void {
    for (const key of this.#kept.keys())
      if (key === id || key.startsWith(`${id} `)) this.#kept.delete(key)
  }
}
