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

/** A text that fits a pattern. */
export function textLike(pattern: RegExp, wish: string): ValueKind<string> {
  return {
    wish,
    read: (value) => (typeof value === 'string' && pattern.test(value) ? value : undefined),
  }
}

/** A whole number between two bounds, both allowed. */
export function wholeNumber(least: number, most: number): ValueKind<number> {
  return {
    wish: `a whole number from ${least} to ${most}`,
    read: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
        ? value
        : undefined,
  }
}

/** `true` or `false`. */
export const TRUTH: ValueKind<boolean> = {
  wish: 'true or false',
  read: (value) => (typeof value === 'boolean' ? value : undefined),
}

/** More than anybody lists by hand; whoever needs more writes a second rule. */
const MAX_LIST = 64

/** One value, or a list with at least one, each of the same kind; none is kept twice. */
export function oneOrMore<T>(kind: ValueKind<T>): ValueKind<readonly T[]> {
  return {
    wish: `${kind.wish}, or a list of 1 to ${MAX_LIST} such`,
    read: (value) => {
      const given: readonly unknown[] = Array.isArray(value) ? value : [value]
      if (given.length === 0 || given.length > MAX_LIST) return undefined
      const read = new Set<T>()
      for (const each of given) {
        const one = kind.read(each)
        if (one === undefined) return undefined
        read.add(one)
      }
      return [...read]
    },
  }
}
