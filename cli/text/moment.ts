import { printable } from '../printable.ts'
import { duration } from './duration.ts'

/** Now, and how far local time is from UTC at a moment. */
export interface LocalClock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Minutes that local time is ahead of UTC at `atMs`. */
  offsetMinutes(atMs: number): number
}

/**
 * A moment of the wire (RFC 3339) in local time and from now on: `2030-01-01 12:30 (in 5 min)`,
 * `2030-01-01 12:20 (5 min ago)`. What is no moment is shown as it came.
 */
export function moment(rfc3339: string, clock: LocalClock): string {
  const at = Date.parse(rfc3339)
  if (Number.isNaN(at)) return printable(rfc3339)
  const local = new Date(at + clock.offsetMinutes(at) * 60_000).toISOString()
  return `${local.slice(0, 10)} ${local.slice(11, 16)} (${fromNow(rfc3339, clock)})`
}

/** A moment of the wire from now on: `in 5 min`, `5 min ago`. */
export function fromNow(rfc3339: string, clock: Pick<LocalClock, 'now'>): string {
  const seconds = (Date.parse(rfc3339) - clock.now()) / 1000
  if (Number.isNaN(seconds)) return printable(rfc3339)
  return seconds > 0 ? `in ${duration(seconds)}` : `${duration(-seconds)} ago`
}
