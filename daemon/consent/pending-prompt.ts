import type { ConsentWish } from './choice.ts'
import type { ConsentAnswer, ConsentQuestion, Waiter } from './consent.ts'

interface Waiting {
  readonly resolve: (answer: ConsentAnswer) => void
  readonly reject: (error: unknown) => void
  readonly unwatch: () => void
}

/** One question, and everybody who waits for its answer. */
export class PendingPrompt {
  readonly question: ConsentQuestion
  readonly wish: ConsentWish
  /** What the rules were when it was asked. */
  readonly rules: unknown
  readonly #onDeserted: (prompt: PendingPrompt) => void
  readonly #waiting = new Set<Waiting>()
  readonly #screen = new AbortController()
  #end: 'answered' | 'withdrawn' | 'abandoned' | undefined

  /** @param options.onDeserted Called when the last who waited went away. */
  constructor(options: {
    readonly question: ConsentQuestion
    readonly wish: ConsentWish
    readonly rules: unknown
    readonly onDeserted: (prompt: PendingPrompt) => void
  }) {
    this.question = options.question
    this.wish = options.wish
    this.rules = options.rules
    this.#onDeserted = options.onDeserted
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** How it ended: nobody waits any more after that. */
  get end(): 'answered' | 'withdrawn' | 'abandoned' | undefined {
    return this.#end
  }

  /** Aborted when it must leave the screen. */
  get screen(): AbortSignal {
    return this.#screen.signal
  }

  /** One more who waits. */
  wait(waiter: Waiter): Promise<ConsentAnswer> {
    return new Promise((resolve, reject) => {
      let isGone = false
      let waiting: Waiting | undefined
      const unwatch = waiter.onGone(() => {
        isGone = true
        if (waiting !== undefined) this.#leave(waiting)
      })
      waiting = { resolve, reject, unwatch }
      this.#waiting.add(waiting)
      if (isGone) this.#leave(waiting)
    })
  }

  /** It leaves the screen, and what the prompt says then is its end. */
  hide(): void {
    this.#screen.abort()
  }

  /** Everybody gets this answer, and the question leaves the screen. */
  settle(answer: ConsentAnswer): void {
    this.#finish(answer.kind === 'withdrawn' ? 'withdrawn' : 'answered', ({ resolve }) =>
      resolve(answer),
    )
  }

  /** Everybody gets this error, and the question leaves the screen. */
  fail(error: unknown): void {
    this.#finish('answered', ({ reject }) => reject(error))
  }

  #finish(end: 'answered' | 'withdrawn', tell: (waiting: Waiting) => void): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.hide()
    for (const waiting of this.#waiting) {
      waiting.unwatch()
      tell(waiting)
    }
    this.#waiting.clear()
  }

  #leave(waiting: Waiting): void {
    if (!this.#waiting.delete(waiting)) return
    // nobody reads it, but whoever awaits it must not wait for ever
    waiting.resolve({ kind: 'withdrawn' })
    if (this.#waiting.size > 0) return
    this.#end = 'abandoned'
    this.hide()
    this.#onDeserted(this)
  }
}
