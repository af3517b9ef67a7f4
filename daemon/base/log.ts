import { type DestinationStream, pino } from 'pino'
import { describeError, type LogFields } from './describe-error.ts'
import { journalPrefix } from './journal.ts'

/** The daemon's own log, for the person who runs it; the audit log is another thing. */
export interface Log {
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  /** Writes name, code and stack of an error, and nothing else of it. */
  error(message: string, error?: unknown): void
  setLevel(level: string): void
}

/**
 * @param destination Where the lines go; standard error by default. Standard output
 *   stays free, and the daemon's log never mixes with a command's answer.
 * @param forJournal Each line begins with what systemd's journal reads its priority off.
 */
export function createLog(level: string, destination?: DestinationStream, forJournal = false): Log {
  const out = destination ?? pino.destination({ fd: 2, sync: true })
  const before = (line: string): string => (forJournal ? journalPrefix(levelOf(line)) : '')
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: {},
    },
    { write: (line) => out.write(before(line) + line.replace(/[\x7f-\uffff]/g, escaped)) },
  )
  return {
    info: (message, fields = {}) => logger.info({ fields }, message),
    warn: (message, fields = {}) => logger.warn({ fields }, message),
    error: (message, error) => logger.error({ fields: describeError(error) }, message),
    setLevel: (next) => {
      logger.level = next
    },
  }
}

/** What pino writes begins with it. */
function levelOf(line: string): number {
  return Number(/^\{"level":(\d+)/.exec(line)?.[1])
}

/** A line is JSON, and such a character can stand in a string only: none draws on a terminal. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
