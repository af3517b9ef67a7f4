import type { Clock } from '../base/clock.ts'
import type { ConsentQuestion } from './consent.ts'
import { programKey } from './consent-key.ts'

/** More programs than anybody refuses within a few seconds. */
const MAX_REFUSALS = 256

/**
 * A no counts for a while, for the program and the grant: who asks again and again, also by
 * new processes, must not win because the person gets tired.
 */
export class RecentRefusals {
  readonly #clock: Clock
  readonly #pauseMs: number
  readonly #at = new Map<string, number>()

  /** @param options.pauseMs Milliseconds a no counts. */
  constructor(options: { readonly clock: Clock; readonly pauseMs: number }) {
    this.#clock = options.clock
    this.#pauseMs = options.pauseMs
  }

  /** Somebody said no, or nobody said anything. */
  note(question: ConsentQuestion): void {
    const key = refusalKey(question)
    this.#at.delete(key)
    const [oldest] = this.#at.keys()
    if (oldest !== undefined && this.#at.size >= MAX_REFUSALS) this.#at.delete(oldest)
    this.#at.set(key, this.#clock.monotonic())
  }

  /** True while an earlier no counts. */
  counts(question: ConsentQuestion): boolean {
    const at = this.#at.get(refusalKey(question))
    return at !== undefined && this.#clock.monotonic() - at < this.#pauseMs
  }
}

function refusalKey(question: ConsentQuestion): string {
  return JSON.stringify([programKey(question), question.grantId])
}
