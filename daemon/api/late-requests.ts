import type { OpenRequests, RequestConnection } from './open-requests.ts'

/** What is asked of a request: whether all of it was read. */
interface ArrivingRequest {
  readonly complete: boolean
}

/** Everything {@link LateRequests} needs. */
export interface LateOptions<C> {
  readonly requests: Pick<OpenRequests, 'unansweredOn'>
  /** How long after the answers before it a request may still be incomplete, in milliseconds. */
  readonly graceMs: number
  /** Ends a connection whose request is late by its own fault. */
  readonly end: (connection: C) => void
}

/**
 * Judges requests that are incomplete at their deadline. Behind requests that wait for a
 * person or an issuer Node reads no further once some KiB of refusals cannot be sent: half a
 * request may then lie before it, and the rest in the kernel. That is no fault of the caller,
 * who gets every answer in its turn. Once those before it are answered it has to be complete soon.
 */
export class LateRequests<C extends RequestConnection> {
  readonly #options: LateOptions<C>
  readonly #latest = new WeakMap<C, ArrivingRequest>()
  readonly #waiting = new WeakSet<C>()

  constructor(options: LateOptions<C>) {
    this.#options = options
  }

  /** The head of one more request was read. */
  entered(connection: C, request: ArrivingRequest): void {
    this.#latest.set(connection, request)
  }

  /** A deadline passed: the connection is ended now, or when nothing before it waits any more. */
  late(connection: C): void {
    if (this.#waiting.has(connection)) return
    if (!this.#waitsForOthers(connection)) {
      this.#options.end(connection)
      return
    }
    this.#waiting.add(connection)
    const before = this.#latest.get(connection)
    const over = (): void => {
      clearInterval(timer)
      this.#waiting.delete(connection)
    }
    const timer = setInterval(() => {
      if (this.#waitsForOthers(connection)) return
      over()
      const latest = this.#latest.get(connection)
      const cameThrough = latest !== before && latest?.complete === true
      if (!cameThrough) this.#options.end(connection)
    }, this.#options.graceMs)
    timer.unref()
    connection.once('close', over)
  }

  #waitsForOthers(connection: C): boolean {
    const isHalfRead = this.#latest.get(connection)?.complete === false
    return this.#options.requests.unansweredOn(connection) > (isHalfRead ? 1 : 0)
  }
}
