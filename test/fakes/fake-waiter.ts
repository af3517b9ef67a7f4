import type { Waiter } from '../../daemon/consent/consent.ts'

/** Somebody who waits until a test lets them leave. */
export class FakeWaiter implements Waiter {
  readonly #listeners = new Set<() => void>()
  #isGone = false

  /** How many listen whether they leave. */
  get watched(): number {
    return this.#listeners.size
  }

  onGone(listener: () => void): () => void {
    if (this.#isGone) listener()
    else this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  leave(): void {
    this.#isGone = true
    for (const listener of this.#listeners) listener()
    this.#listeners.clear()
  }
}
