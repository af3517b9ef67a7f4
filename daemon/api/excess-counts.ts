/** Requests that were ended for a bound of one request: by its deadlines, by its size. */
export type RequestExcess = 'late' | 'oversized'

/** Counts them since the start, on all listeners together. */
export class ExcessCounts {
  readonly #counts: Record<RequestExcess, number> = { late: 0, oversized: 0 }

  /** One more. */
  count(excess: RequestExcess): void {
    this.#counts[excess] += 1
  }

  /** How many since the start. */
  of(excess: RequestExcess): number {
    return this.#counts[excess]
  }
}
