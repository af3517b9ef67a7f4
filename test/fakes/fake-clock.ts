import type { Clock } from '../../daemon/base/clock.ts'

/** Time that moves only when a test says so. */
export class FakeClock implements Clock {
  #wall: number
  #monotonic = 0

  /** @param startMs Wall time at the start, milliseconds since the epoch. */
  constructor(startMs = Date.UTC(2030, 0, 1)) {
    this.#wall = startMs
  }

  now(): number {
    return this.#wall
  }

  monotonic(): number {
    return this.#monotonic
  }

  /** Both clocks move on together. */
  advance(ms: number): void {
    this.#wall += ms
    this.#monotonic += ms
  }

  /** The wall clock alone jumps, as after a suspend or a correction. */
  jump(ms: number): void {
    this.#wall += ms
  }
}
