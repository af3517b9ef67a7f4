import type { Clock } from './clock.ts'
import { ClockWatch } from './clock-watch.ts'

/**
 * How long a wall clock must have gone on without a jump before anything is destroyed on
 * its word: time servers correct a clock within a minute or two of a start or a resume,
 * and whoever set it wrong by hand has seen it.
 */
const STEADY_MS = 300_000

/**
 * Whether the wall clock is to be believed about ages. A suspend and a clock that was set
 * look the same, and so does a start; after each the clock has to prove itself. What can
 * be taken back, a refusal, needs no proof; what cannot, the end of a grant, does.
 */
export class SteadyClock {
  readonly #clock: Clock
  readonly #watch: ClockWatch
  #since: number

  /** Counts from here. */
  constructor(clock: Clock) {
    this.#clock = clock
    this.#watch = new ClockWatch(clock)
    this.#since = clock.monotonic()
  }

  /** Looks at the clocks: asked now and then, it misses no jump. */
  isSteady(): boolean {
    const now = this.#clock.monotonic()
    if (this.#watch.look().jumpMs !== 0) this.#since = now
    return now - this.#since >= STEADY_MS
  }
}
