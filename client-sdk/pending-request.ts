import { GrantdUnreachableError } from './unreachable.ts'

/** What a request that is on its way consists of. */
export interface PendingOptions {
  /** The bytes to send, as text. */
  readonly text: string
  /** True when it must never be sent twice. */
  readonly once: boolean
  /** Milliseconds until it is given up, 1 to 2,147,483,647. */
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** A request from the moment it is asked until it is answered or given up: it settles exactly once. */
export class PendingRequest {
  readonly text: string
  readonly once: boolean
  /** How many connections were lost under it. */
  losses = 0
  /** Called when deadline or signal end it; set by the connection it waits on. */
  onGiveUp: () => void = () => {}
  #isSettled = false
  readonly #options: PendingOptions
  readonly #timer: NodeJS.Timeout
  readonly #onAbort = () => this.#giveUp(this.#options.signal?.reason)

  constructor(options: PendingOptions) {
    this.text = options.text
    this.once = options.once
    this.#options = options
    const { timeoutMs, signal } = options
    this.#timer = setTimeout(() => this.#giveUp(timedOut(timeoutMs)), timeoutMs)
    // The socket it waits on keeps the process alive; the timer alone must not.
    this.#timer.unref()
    signal?.addEventListener('abort', this.#onAbort)
  }

  /** True when nobody waits for the answer any more. */
  get isSettled(): boolean {
    return this.#isSettled
  }

  /** Answers it; without effect when it is settled. */
  resolve(value: unknown): void {
    if (this.#settle()) this.#options.resolve(value)
  }

  /** Fails it; without effect when it is settled. */
  reject(error: unknown): void {
    if (this.#settle()) this.#options.reject(error)
  }

  #giveUp(error: unknown): void {
    this.reject(error)
    this.onGiveUp()
  }

  #settle(): boolean {
    if (this.#isSettled) return false
    this.#isSettled = true
    clearTimeout(this.#timer)
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
    return true
  }
}

function timedOut(timeoutMs: number): GrantdUnreachableError {
  return new GrantdUnreachableError('timed_out', `no answer within ${timeoutMs} ms`)
}
