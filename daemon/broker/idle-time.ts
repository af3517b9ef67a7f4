import type { Clock } from '../base/clock.ts'

/**
 * How long no token has been handed out. The clock that counts more holds: the monotonic
 * one stands still while the machine sleeps, and the wall clock may be set back.
 */
export class IdleTime {
  readonly #clock: Clock
  #wall: number
  #monotonic: number

  /** Counts from here. */
  constructor(clock: Clock) {
    this.#clock = clock
    this.#wall = clock.now()
    this.#monotonic = clock.monotonic()
  }

  /** Something happened: it counts from here. */
  end(): void {
    this.#wall = this.#clock.now()
    this.#monotonic = this.#clock.monotonic()
  }

  /** Seconds, 0 or more, with a fraction. */
  get seconds(): number {
    const byWall = this.#clock.now() - this.#wall
    const byMonotonic = this.#clock.monotonic() - this.#monotonic
    return Math.max(byWall, byMonotonic) / 1000
  }
}
