import { fstatSync } from 'node:fs'

/**
 * Whether what is written to a descriptor goes to systemd's journal, which then reads how
 * grave a line is off its beginning.
 *
 * @param fd Such as that of standard error, which a person may have sent elsewhere.
 * @see systemd.exec(5) JOURNAL_STREAM
 */
export function isJournal(
  environment: Readonly<Record<string, string | undefined>>,
  fd: number,
): boolean {
  const { JOURNAL_STREAM: stream } = environment
  if (stream === undefined) return false
  const { dev, ino } = fstatSync(fd, { bigint: true })
  return stream === `${dev}:${ino}`
}

/** Levels of our log, the gravest first, with those of syslog(3). */
const PRIORITIES: readonly (readonly [level: number, priority: number])[] = [
  [60, 2],
  [50, 3],
  [40, 4],
  [30, 6],
]

/** Everything below is for whoever looks for a mistake. */
const DEBUG = 7

/**
 * What the journal reads off the beginning of a line.
 *
 * @param level As pino counts: 10 trace to 60 fatal.
 * @see sd-daemon(3)
 */
export function journalPrefix(level: number): string {
  const [, priority = DEBUG] = PRIORITIES.find(([from]) => level >= from) ?? []
  return `<${priority}>`
}
