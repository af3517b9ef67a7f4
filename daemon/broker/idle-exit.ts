import type { Clock } from '../base/clock.ts'
import { type Moment, momentOf, msSince } from '../base/moment.ts'

/** What would be lost, or would have to wait, if the daemon ended now. */
export interface Unfinished {
  /** What keeps it, such as `open connections`, and how many there are. */
  readonly [what: string]: number
}

/** Everything an idle exit hangs on. */
export interface IdleExitOptions {
  readonly clock: Clock
  /** How long nobody may have asked; `undefined`: it never ends for that. */
  readonly seconds: () => number | undefined
  /** Connections that were admitted since the start. */
  readonly admitted: () => number
  readonly unfinished: () => Unfinished
  /** Called once. */
  readonly exit: () => void
}

/**
 * Ends a daemon whom nobody asks, where the next request starts another: so that it neither
 * takes memory nor holds a key for nothing. It stays while anything would be lost.
 */
export class IdleExit {
  readonly #options: IdleExitOptions
  #admitted: number
  #since: Moment
  #isOver = false

  /** Counts from here. */
  constructor(options: IdleExitOptions) {
    this.#options = options
    this.#admitted = options.admitted()
    this.#since = momentOf(options.clock)
  }

  /** To be called every second or so. */
  look(): void {
    const { clock, seconds, admitted, unfinished, exit } = this.#options
    const limit = seconds()
    const now = admitted()
    const isBusy = now !== this.#admitted || Object.values(unfinished()).some((count) => count > 0)
    this.#admitted = now
    if (isBusy) this.#since = momentOf(clock)
    if (this.#isOver || limit === undefined || msSince(clock, this.#since) < limit * 1000) return
    this.#isOver = true
    exit()
  }
}
