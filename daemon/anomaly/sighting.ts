import type { AuditEntry } from '../audit/audit-record.ts'

/** What detectors see of one record. */
export interface Sighting {
  readonly event: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Hour of the day by the clock on the wall, 0 to 23. */
  readonly hour: number
  readonly grant?: string | undefined
  readonly capability?: string | undefined
  readonly executable?: string | undefined
  readonly pid?: number | undefined
  readonly class?: string | undefined
  readonly reason?: string | undefined
  /** True when the caller said that a token had been refused. */
  readonly isRejecting: boolean
  /** Whether it is outside of the hours of the configuration; absent when that names none. */
  readonly isOutside?: boolean | undefined
}

/** What a moment is in the place the daemon lives in. */
export type Moment = Pick<Sighting, 'at' | 'hour' | 'isOutside'>

/** A record as it is written. */
export function sightingOf(entry: AuditEntry, moment: Moment): Sighting {
  return {
    at: moment.at,
    hour: moment.hour,
    isOutside: moment.isOutside,
    event: entry.event,
    grant: entry.grant,
    capability: entry.capability,
    executable: entry.peer?.executable,
    pid: entry.peer?.pid,
    class: entry.peer?.class,
    reason: entry.reason,
    isRejecting: entry.request?.['rejected'] !== undefined,
  }
}

/**
 * A record as it lies in the log.
 *
 * @returns `undefined` for a line that is none of ours.
 */
export function sightingOfLine(
  line: string,
  momentOf: (at: number) => Moment,
): Sighting | undefined {
  const record = objectOf(parsed(line))
  const event = textOf(record?.['event'])
  const at = Date.parse(textOf(record?.['time']) ?? '')
  if (record === undefined || event === undefined || Number.isNaN(at)) return undefined
  const peer = objectOf(record['peer'])
  const pid = peer?.['pid']
  const moment = momentOf(at)
  return {
    at: moment.at,
    hour: moment.hour,
    isOutside: moment.isOutside,
    event,
    grant: textOf(record['grant']),
    capability: textOf(record['capability']),
    executable: textOf(peer?.['executable']),
    pid: typeof pid === 'number' ? pid : undefined,
    class: textOf(peer?.['class']),
    reason: textOf(record['reason']),
    isRejecting: objectOf(record['request'])?.['rejected'] !== undefined,
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined // verification says what is wrong with it
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : undefined
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
