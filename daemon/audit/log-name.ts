/** A file of the log: the day (UTC) of its first line, and which one of that day. */
export interface LogName {
  /** `2030-01-31`. */
  readonly day: string
  /** From 1; a day has more than one file only when it was very long. */
  readonly part: number
}

const DAY_MS = 86_400_000

const NAME = /^(\d{4}-\d{2}-\d{2})(?:\.([2-9]|[1-9]\d{1,5}))?\.jsonl$/

/** Beyond it a year has five digits, and no clock is right. */
const LAST_DAY_MS = Date.UTC(9999, 11, 31)

/** The day of a moment. */
export function dayOf(atMs: number): string {
  return new Date(Math.min(Math.max(atMs, 0), LAST_DAY_MS)).toISOString().slice(0, 10)
}

/** When the day after a moment begins, in milliseconds since the epoch. */
export function nextDay(atMs: number): number {
  return (Math.floor(atMs / DAY_MS) + 1) * DAY_MS
}

/** As the file is called. */
export function formatLogName({ day, part }: LogName): string {
  return part === 1 ? `${day}.jsonl` : `${day}.${part}.jsonl`
}

/** @returns undefined for what is no name of ours */
export function parseLogName(name: string): LogName | undefined {
  const [, day, part] = NAME.exec(name) ?? []
  return day === undefined ? undefined : { day, part: Number(part ?? 1) }
}

/** Older first: the order of the chain. */
export function compareLogNames(one: LogName, other: LogName): number {
  if (one.day !== other.day) return one.day < other.day ? -1 : 1
  return one.part - other.part
}

/**
 * The file after another one. A clock that was set back begins no earlier day: the order of
 * the names is the order of the lines.
 */
export function followingName(newest: LogName | undefined, atMs: number): LogName {
  const day = dayOf(atMs)
  if (newest === undefined || newest.day < day) return { day, part: 1 }
  return { day: newest.day, part: newest.part + 1 }
}
