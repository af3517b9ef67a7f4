/** One media range of an `Accept` header with its weight. */
interface MediaRange {
  readonly type: string
  readonly weight: number
}

/**
 * True when the caller would rather have plain text than JSON; of two that are as
 * welcome JSON is sent, and to whoever says nothing. Media type parameters other than
 * the weight say nothing here.
 *
 * @param accept The header as it came; several are joined by commas.
 * @see RFC 9110 §12.5.1
 */
export function prefersPlainText(accept = '*/*'): boolean {
  if (accept === 'application/json') return false // what our own clients say
  const ranges = accept.split(',').map(parseRange)
  return weightOf('text/plain', ranges) > weightOf('application/json', ranges)
}

function parseRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.toLowerCase().split(';')
  const weight = parameters.map((one) => /^\s*q=([\d.]{1,5})\s*$/.exec(one)?.[1]).find(Boolean)
  return { type: type.trim(), weight: weight === undefined ? 1 : Number(weight) }
}

/** The most specific range counts, whatever stands before it; 0 is not acceptable. */
function weightOf(type: string, ranges: readonly MediaRange[]): number {
  const wider = [type, type.replace(/\/.*/, '/*'), '*/*']
  const found = wider.map((name) => ranges.find((range) => range.type === name)).find(Boolean)
  return found?.weight ?? 0
}
