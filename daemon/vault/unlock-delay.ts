import type { Clock } from '../base/clock.ts'

/** A minute between two guesses: half a million a year, of which none is a word of a good passphrase. */
const LONGEST_SECONDS = 60

/** Makes whoever guesses a passphrase wait, and nobody else. Starts anew with the daemon. */
export class UnlockDelay {
  readonly #clock: Clock
  #seconds = 0
  #until = Number.NEGATIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whole seconds until the next guess is heard, 0 to 60. */
  waitSeconds(): number {
    return Math.max(0, Math.ceil((this.#until - this.#clock.monotonic()) / 1000))
  }

  /** 1 second after the first wrong guess, then twice as long each time, a minute at most. */
  wrong(): void {
    this.#seconds = Math.min(LONGEST_SECONDS, Math.max(1, this.#seconds * 2))
    this.#until = this.#clock.monotonic() + this.#seconds * 1000
  }

  right(): void {
    this.#seconds = 0
    this.#until = Number.NEGATIVE_INFINITY
  }
}
