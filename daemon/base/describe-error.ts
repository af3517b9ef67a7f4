/** What may stand beside a sentence: words and numbers of ours, never an object of a library. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** A word that a program was written with; what an issuer or a caller sent does not look so. */
const NAME = /^[A-Z][A-Za-z]{0,60}(?:Error|Exception)$|^Error$/
const CODE = /^(?:[A-Z][A-Z0-9_]{0,63}|[a-z][a-z_]{0,63})$/

/** How V8 begins a stack, up to the message. */
const NAME_ALONE = /^[\w$.]*(?: \[\w+\])?/
const NAME_BEFORE_MESSAGE = /^[\w$.]*(?: \[\w+\])?(?:: )?/

/** One place in a file; what has none, such as `at new Promise (<anonymous>)`, says nothing. */
const PLACE = /^ {4}at .*:\d+:\d+\)?$/

/**
 * What of an error may be written down: messages and causes of libraries can hold a
 * token answer, so only the name, a short code and the places of the stack remain.
 * Never throws, whatever was thrown.
 */
export function describeError(error: unknown): LogFields {
  if (error === undefined) return {}
  try {
    return error instanceof Error ? pick(error) : { name: typeof error }
  } catch {
    // a getter of the error's own
    return { name: 'Error' }
  }
}

function pick(error: {
  readonly name?: unknown
  readonly code?: unknown
  readonly message?: unknown
  readonly stack?: unknown
}): LogFields {
  const { name, code, message, stack } = error
  return {
    name: typeof name === 'string' && NAME.test(name) ? name : 'Error',
    ...(typeof code === 'string' && CODE.test(code) && { code }),
    stack: typeof stack === 'string' && typeof message === 'string' ? placesOf(stack, message) : '',
  }
}

/**
 * The `at …` lines that follow the message. A message may hold lines that look like
 * places, so it must stand where V8 puts it; else it was changed, and nothing is
 * taken for a place. Not handled: a message that was cut right before such a line.
 */
function placesOf(stack: string, message: string): string {
  const name = (message === '' ? NAME_ALONE : NAME_BEFORE_MESSAGE).exec(stack)?.[0] ?? ''
  const header = `${name}${message}\n`
  if (!stack.startsWith(header)) return ''
  const lines = stack.slice(header.length).split('\n')
  const end = lines.findIndex((line) => !line.startsWith('    at '))
  return lines
    .slice(0, end < 0 ? lines.length : end)
    .filter((line) => PLACE.test(line))
    .join('\n')
}
