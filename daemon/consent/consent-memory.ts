import type { Clock } from '../base/clock.ts'
import { type Moment, momentOf, msSince } from '../base/moment.ts'
import { type Choice, type ConsentWish, isEnough } from './choice.ts'

/** A yes that was given once. */
interface Remembered {
  readonly grantId: string
  readonly choice: Choice
  readonly at: Moment
  /** What the rules were then. */
  readonly rules: unknown
}

/**
 * What was allowed for longer than once. A yes counts while the rules are the very same.
 */
export class ConsentMemory {
  readonly #clock: Clock
  readonly #rules: () => unknown
  readonly #max: number
  readonly #remembered = new Map<string, Remembered>()

  /**
   * @param options.rules The same value as long as nothing was changed in them.
   * @param options.max How many are kept; the oldest goes, and its process is asked about again.
   */
  constructor(options: {
    readonly clock: Clock
    readonly rules: () => unknown
    readonly max: number
  }) {
    this.#clock = options.clock
    this.#rules = options.rules
    this.#max = options.max
  }

  /** How many are kept. */
  get size(): number {
    return this.#remembered.size
  }

  /** How many count still: those of a process until it is known to be gone, which nobody looks at here. */
  get standing(): number {
    const rules = this.#rules()
    return [...this.#remembered.values()].filter(
      (one) => one.rules === rules && isEnough(one.choice, this.#age(one.at), 'once'),
    ).length
  }

  /** Keeps a yes; one that counts once only is not kept. */
  keep(key: string, grantId: string, choice: Choice): void {
    if (choice === 'once') return
    this.#remembered.delete(key)
    const [oldest] = this.#remembered.keys()
    if (oldest !== undefined && this.#remembered.size >= this.#max) this.#remembered.delete(oldest)
    const at = momentOf(this.#clock)
    this.#remembered.set(key, { grantId, choice, at, rules: this.#rules() })
  }

  /** True when an earlier yes is enough now. */
  has(key: string, wish: ConsentWish): boolean {
    const found = this.#remembered.get(key)
    if (found === undefined) return false
    if (found.rules === this.#rules() && isEnough(found.choice, this.#age(found.at), wish))
      return true
    // another rule may want less of it at another hour
    if (found.rules !== this.#rules()) this.#remembered.delete(key)
    return false
  }

  /** Forgets one grant, by its id. */
  forgetGrant(grantId: string): void {
    for (const [key, found] of this.#remembered)
      if (found.grantId === grantId) this.#remembered.delete(key)
  }

  /** Forgets everything. */
  clear(): void {
    this.#remembered.clear()
  }

  #age(at: Moment): number {
    return msSince(this.#clock, at) / 1000
  }
}
