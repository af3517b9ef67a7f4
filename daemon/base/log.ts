import { type DestinationStream, pino } from 'pino'

/** What may stand beside a sentence: words and numbers of ours, never an object of a library. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

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
 */
export function createLog(level: string, destination?: DestinationStream): Log {
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: {},
    },
    destination ?? pino.destination({ fd: 2, sync: true }),
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

/**
 * What of an error may be written down: messages and causes of libraries can hold a
 * token answer, so only the name, a short code and the places of the stack remain.
 */
export function describeError(error: unknown): LogFields {
  if (error === undefined) return {}
  if (!(error instanceof Error)) return { name: typeof error }
  const code = (error as { readonly code?: unknown }).code
  return {
    name: error.name.slice(0, 64),
    ...(typeof code === 'string' && { code: code.slice(0, 64) }),
    stack: placesOf(error.stack),
  }
}

/** The `at …` lines only: the first lines of a stack repeat the message. */
function placesOf(stack: string | undefined): string {
  return (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line))
    .join('\n')
}
