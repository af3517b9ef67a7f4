import type { Clock } from '../base/clock.ts'
import { type Moment, momentIn, msUntil } from '../base/moment.ts'
import type { AccessToken } from './access-token.ts'
import { cacheKey, type TokenKey } from './cache-key.ts'

/** The part of a token's life after which it is renewed: early enough that nobody waits. */
const RENEWED_AT = 0.75

/** By how much chance moves that, up and down, so that not all daemons ask at once. */
const JITTER = 0.1

/**
 * Shorter lives are not renewed ahead: of 300 s a quarter is 75 s, which leaves room for one
 * tick of 30 s before the last 30 s, in which no caller gets the token any more. Of less a
 * caller would be there first.
 */
const MIN_LIFE_SECONDS = 300

interface Kept {
  readonly key: TokenKey
  /** What tells one token from the next; never the token. */
  readonly mark: string
  /** The end of its life. */
  readonly end: Moment
  /** It is due once no more than this is left. */
  readonly dueLeftMs: number
  readonly isTried: boolean
}

/**
 * Which tokens were handed out and are to be renewed before they end. A token that nobody
 * got is never among them, and each is renewed once: whoever stops asking is forgotten
 * after one more life at most.
 */
export class Renewals {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #most: number
  readonly #kept = new Map<string, Kept>()

  /**
   * @param options.random 0 up to 1, like `Math.random`.
   * @param options.most So many tokens are watched; with one more the oldest is left to its callers.
   */
  constructor(options: {
    readonly clock: Clock
    readonly random: () => number
    readonly most: number
  }) {
    this.#clock = options.clock
    this.#random = options.random
    this.#most = options.most
  }

  /** How many tokens are watched. */
  get size(): number {
    return this.#kept.size
  }

  /**
   * Somebody got this token.
   *
   * @param mark Tells it from the next one of its key, such as a part of its hash.
   */
  handedOut(key: TokenKey, token: AccessToken, mark: string): void {
    const text = cacheKey(key)
    if (this.#kept.get(text)?.mark === mark) return
    if (token.lifetimeSeconds < MIN_LIFE_SECONDS) {
      this.#kept.delete(text)
      return
    }
    const part = RENEWED_AT * (1 + JITTER * (2 * this.#random() - 1))
    const leftMs = token.expiresAt - this.#clock.now()
    const [oldest] = this.#kept.keys()
    if (oldest !== undefined && this.#kept.size >= this.#most && !this.#kept.has(text))
      this.#kept.delete(oldest)
    this.#kept.set(text, {
      key,
      mark,
      end: momentIn(this.#clock, leftMs),
      dueLeftMs: Math.round((1 - part) * token.lifetimeSeconds * 1000),
      isTried: false,
    })
  }

  /** What is to be renewed now; each once. Tokens that are over are forgotten: the next caller comes first. */
  takeDue(): readonly TokenKey[] {
    const due: TokenKey[] = []
    for (const [text, kept] of this.#kept) {
      const leftMs = msUntil(this.#clock, kept.end)
      if (leftMs <= 0) this.#kept.delete(text)
      else if (!kept.isTried && leftMs <= kept.dueLeftMs) {
        this.#kept.set(text, { ...kept, isTried: true })
        due.push(kept.key)
      }
    }
    return due
  }

  /** It could not be renewed, and that may pass: it is due again. */
  putBack(key: TokenKey): void {
    const text = cacheKey(key)
    const kept = this.#kept.get(text)
    if (kept !== undefined) this.#kept.set(text, { ...kept, isTried: false })
  }

  /** Nothing is to be renewed any more. */
  clear(): void {
    this.#kept.clear()
  }
}
