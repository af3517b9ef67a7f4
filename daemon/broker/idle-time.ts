import type { Clock } from '../base/clock.ts'
import { type Moment, momentOf, msSince } from '../base/moment.ts'

/** How long no token has been handed out. */
export class IdleTime {
  readonly #clock: Clock
  #since: Moment

  /** Counts from here. */
  constructor(clock: Clock) {
    this.#clock = clock
    this.#since = momentOf(clock)
  }

  /** Something happened: it counts from here. */
  end(): void {
    this.#since = momentOf(this.#clock)
  }

  /** Seconds, 0 or more, with a fraction. */
  get seconds(): number {
    return msSince(this.#clock, this.#since) / 1000
  }
}
