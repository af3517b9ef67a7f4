import type { AnomalyEvent, Detector } from './detector.ts'
import type { Sighting } from './sighting.ts'

/** More grants and programs than one person has; what was kept longest without a look goes. */
export const MAX_MEMORIES = 1_024

/** What one detector remembers, by its keys. */
export class Shelf<M> {
  readonly event: AnomalyEvent
  readonly #detector: Detector<M>
  readonly #memories = new Map<string, M>()
  #newest: string | undefined

  constructor(detector: Detector<M>) {
    this.event = detector.event
    this.#detector = detector
  }

  /** How much is remembered. */
  get size(): number {
    return this.#memories.size
  }

  /** @returns What is out of the ordinary; `undefined` when nothing is. */
  see(sighting: Sighting): string | undefined {
    const key = this.#detector.keyOf(sighting)
    if (key === undefined) return undefined
    const { memory, reason } = this.#detector.look(this.#memories.get(key), sighting)
    // looked at last already: nothing has to move
    if (key !== this.#newest) this.#memories.delete(key)
    this.#memories.set(key, memory)
    this.#newest = key
    if (this.#memories.size > MAX_MEMORIES) this.#forgetOldest()
    return reason
  }

  #forgetOldest(): void {
    for (const oldest of this.#memories.keys()) {
      this.#memories.delete(oldest)
      return
    }
  }
}
