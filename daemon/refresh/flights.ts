import { GrantdError } from '@grantd/client/protocol'

interface Flight<T> {
  readonly key: string
  readonly result: Promise<T>
}

/**
 * One exchange per grant at a time. Callers who want the same thing share one
 * flight; those who want something else of the same grant wait in line; grants
 * never wait for each other. A flight that took off is never called back.
 */
export class Flights<T> {
  readonly #lines = new Map<string, Flight<T>[]>()
  readonly #maxWaiting: number
  #refused = 0

  /** @param options.maxWaiting Flights per grant, the one under way included. */
  constructor(options: { readonly maxWaiting: number }) {
    this.#maxWaiting = options.maxWaiting
  }

  /** Flights under way or waiting, of all grants. */
  get size(): number {
    let count = 0
    for (const line of this.#lines.values()) count += line.length
    return count
  }

  /** Refused since the start, as a line was too long. */
  get refused(): number {
    return this.#refused
  }

  /**
   * Joins the flight of `key`, or lines a new one up.
   *
   * @throws GrantdError `overloaded` when the line is too long
   */
  join(grantId: string, key: string, start: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(grantId) ?? []
    const same = line.find((flight) => flight.key === key)
    if (same !== undefined) return same.result
    if (line.length >= this.#maxWaiting) {
      this.#refused += 1
      return Promise.reject(
        new GrantdError('overloaded', 'too many different tokens of one grant at once', {
          retryAfterSeconds: 1,
        }),
      )
    }
    const before = line.at(-1)?.result
    const result = (async () => {
      // how the one before ended is the business of those who wait for it
      await before?.catch(() => undefined)
      return await start()
    })()
    const flight = { key, result }
    line.push(flight)
    this.#lines.set(grantId, line)
    void result.catch(() => undefined).then(() => this.#land(grantId, flight))
    return result
  }

  /** Resolves when nothing of this grant is under way any more. */
  async idle(grantId: string): Promise<void> {
    for (let last = this.#last(grantId); last !== undefined; last = this.#last(grantId))
      await last.result.catch(() => undefined)
  }

  /** Resolves when nothing at all is under way any more: what was sent has its successor kept. */
  async landed(): Promise<void> {
    while (this.size > 0) await Promise.all([...this.#lines.keys()].map((id) => this.idle(id)))
  }

  #last(grantId: string): Flight<T> | undefined {
    return this.#lines.get(grantId)?.at(-1)
  }

  #land(grantId: string, flight: Flight<T>): void {
    const rest = (this.#lines.get(grantId) ?? []).filter((other) => other !== flight)
    if (rest.length === 0) this.#lines.delete(grantId)
    else this.#lines.set(grantId, rest)
  }
}
