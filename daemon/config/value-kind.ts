import { formatDuration, parseDuration } from './duration.ts'

/** What the value of one key may be; `wish` says it in words, and `read` gives `undefined` for all else. */
export interface ValueKind<T> {
  readonly wish: string
  readonly read: (value: unknown) => T | undefined
}

/** One of these words. */
export function wordOf<const T extends string>(words: readonly T[]): ValueKind<T> {
  return {
    wish: `one of ${words.join(', ')}`,
    read: (value) => words.find((word) => word === value),
  }
}

/**
 * A duration between two bounds, both allowed, read as seconds.
 *
 * @param least Seconds, at least 1.
 * @param most Seconds.
 */
export function durationBetween(least: number, most: number): ValueKind<number> {
  return {
    wish: `a duration such as "15m", from ${formatDuration(least)} to ${formatDuration(most)}`,
    read: (value) => {
      const seconds = typeof value === 'string' ? parseDuration(value) : undefined
      return seconds !== undefined && seconds >= least && seconds <= most ? seconds : undefined
    },
  }
}
