import type { Clock } from '../base/clock.ts'
import type { RuleRate } from './terms.ts'

/** A bucket is some hundred bytes; above this those that are full again are forgotten. */
const MAX_BUCKETS = 10_000

/** Where all are in use so many of the oldest go at once, so that not every request looks at all. */
const ROOM = 1_000

interface Bucket {
  readonly rate: RuleRate
  /** Tokens left at `at`; fractions count. */
  readonly left: number
  /** Milliseconds, monotonic. */
  readonly at: number
}

/**
 * Token buckets of the rules that set a rate: each begins full, holds as many tokens as the
 * rate names, and fills evenly. One for each rule, grant and caller.
 */
export class RateBuckets {
  readonly #clock: Clock
  readonly #buckets = new Map<string, Bucket>()
  #refused = 0
  #last:
    | {
        readonly rate: RuleRate
        readonly grantId: string
        readonly caller: string
        readonly key: string
      }
    | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#buckets.size
  }

  /** How many are not full again: who forgot them would give more than a rule lets through. */
  get inUse(): number {
    const now = this.#clock.monotonic()
    return [...this.#buckets.values()].filter((one) => levelOf(one, now) < one.rate.tokens).length
  }

  /** Requests beyond a rate since the start. */
  get refused(): number {
    return this.#refused
  }

  /**
   * Takes one token out of the bucket of every rate, or none out of any.
   *
   * @param caller Who shares a bucket.
   * @returns Whole seconds until the emptiest has one again, and its rule; `undefined` when they were taken.
   */
  take(
    rates: readonly RuleRate[],
    grantId: string,
    caller: string,
  ): { readonly rule: string; readonly retryAfterSeconds: number } | undefined {
    if (rates.length === 0) return undefined
    const now = this.#clock.monotonic()
    const buckets = rates.map((rate) => this.#bucket(rate, grantId, caller, now))
    let longest: { readonly rule: string; readonly retryAfterSeconds: number } | undefined
    for (const { rate, left } of buckets) {
      if (left >= 1) continue
      const seconds = Math.max(1, Math.ceil(((1 - left) * rate.seconds) / rate.tokens))
      if (longest === undefined || seconds > longest.retryAfterSeconds)
        longest = { rule: rate.rule, retryAfterSeconds: seconds }
    }
    if (longest !== undefined) {
      this.#refused += 1
      return longest
    }
    for (const { key, rate, left } of buckets)
      this.#buckets.set(key, { rate, left: left - 1, at: now })
    if (this.#buckets.size > MAX_BUCKETS) this.#forget(now)
    return undefined
  }

  #bucket(rate: RuleRate, grantId: string, caller: string, now: number) {
    const key = this.#key(rate, grantId, caller)
    const kept = this.#buckets.get(key)
    return { key, rate, left: kept === undefined ? rate.tokens : levelOf(kept, now) }
  }

  /** Most often it is the one of the request before. */
  #key(rate: RuleRate, grantId: string, caller: string): string {
    const last = this.#last
    if (last?.rate === rate && last.grantId === grantId && last.caller === caller) return last.key
    const key = keyOf(rate, grantId, caller)
    this.#last = { rate, grantId, caller, key }
    return key
  }

  /** A full bucket is the same as none; where all are in use the oldest go, and begin full again. */
  #forget(now: number): void {
    for (const [key, bucket] of this.#buckets)
      if (levelOf(bucket, now) >= bucket.rate.tokens) this.#buckets.delete(key)
    for (const key of this.#buckets.keys()) {
      if (this.#buckets.size <= MAX_BUCKETS - ROOM) break
      this.#buckets.delete(key)
    }
  }
}

/** With their lengths, no two of them can be read as others. */
function keyOf({ rule, tokens, seconds }: RuleRate, grantId: string, caller: string): string {
  return `${rule.length} ${rule} ${tokens} ${seconds} ${grantId.length} ${grantId} ${caller}`
}

function levelOf({ rate, left, at }: Bucket, now: number): number {
  return Math.min(rate.tokens, left + ((now - at) / 1000 / rate.seconds) * rate.tokens)
}
