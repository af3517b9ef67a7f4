import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Peer } from '../peer/peer.ts'
import type { Refusal } from './admit-connection.ts'

/** One line a second says enough; a flood must not fill the disk. */
const LOG_EVERY_MS = 1_000

/** Counts connections that were not admitted, and logs some of them. */
export class RefusalCounter {
  readonly #clock: Clock
  readonly #log: Log
  #total = 0
  #overLimit = 0
  #unlogged = 0
  #loggedAt = Number.NEGATIVE_INFINITY

  constructor(options: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = options.clock
    this.#log = options.log
  }

  /** Refused since the start. */
  get total(): number {
    return this.#total
  }

  /** Of these, connections of the owner for which there was no room. */
  get overLimit(): number {
    return this.#overLimit
  }

  /** One more connection was destroyed. */
  count(refusal: Refusal, peer: Peer | undefined): void {
    this.#total += 1
    if (refusal === 'too_many' || refusal === 'too_many_of_process') this.#overLimit += 1
    const now = this.#clock.monotonic()
    if (now - this.#loggedAt < LOG_EVERY_MS) {
      this.#unlogged += 1
      return
    }
    this.#loggedAt = now
    this.#log.warn('connection refused', {
      refusal,
      uid: peer?.uid,
      pid: peer?.pid,
      executable: peer?.executable,
      more: this.#unlogged,
    })
    this.#unlogged = 0
  }
}
