import type { Verdict } from './detector.ts'

/** How often something happened since a window began. */
export interface Count {
  /** Milliseconds since the epoch. */
  readonly since: number
  readonly count: number
}

/** What is too often. */
export interface Bound {
  readonly most: number
  readonly seconds: number
  /** What is counted, in the plural. */
  readonly what: string
}

/** Counts one more. A window in which the bound is reached is told once, however much follows. */
export function countWithin(memory: Count | undefined, at: number, bound: Bound): Verdict<Count> {
  const { most, seconds, what } = bound
  // a clock that was set back begins a new window too
  const isOver = memory === undefined || at < memory.since || at >= memory.since + seconds * 1000
  const next = isOver ? { since: at, count: 1 } : { since: memory.since, count: memory.count + 1 }
  if (next.count !== most) return { memory: next }
  return { memory: next, reason: `${most} ${what} within ${seconds} seconds` }
}
