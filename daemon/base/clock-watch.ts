import type { Clock } from './clock.ts'

/**
 * How far the two clocks may part between two looks before it counts: corrections that
 * keep a clock right take milliseconds, and no suspend is worth noticing below this.
 */
const MIN_JUMP_MS = 5_000

/** What the clocks say since the look before. */
export interface ClockReading {
  /** Milliseconds by the monotonic clock. */
  readonly elapsedMs: number
  /**
   * By how many milliseconds more the wall clock moved: above 0 after a suspend or when it
   * was set forward, below 0 when it was set back, 0 when both agree within 5 s.
   */
  readonly jumpMs: number
}

/**
 * Compares the wall clock with the monotonic one. Nobody can tell a suspend from a clock
 * that was set: the monotonic clock stands still in one and is not asked in the other.
 */
export class ClockWatch {
  readonly #clock: Clock
  #wall: number
  #monotonic: number

  /** The first reading counts from here. */
  constructor(clock: Clock) {
    this.#clock = clock
    this.#wall = clock.now()
    this.#monotonic = clock.monotonic()
  }

  /** What happened since the last look. */
  look(): ClockReading {
    const wall = this.#clock.now()
    const monotonic = this.#clock.monotonic()
    const elapsedMs = monotonic - this.#monotonic
    const parted = wall - this.#wall - elapsedMs
    this.#wall = wall
    this.#monotonic = monotonic
    return { elapsedMs, jumpMs: Math.abs(parted) > MIN_JUMP_MS ? parted : 0 }
  }
}
