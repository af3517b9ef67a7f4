import { MAX_ANSWER_BYTES } from './protocol.ts'
import { malformed } from './unreachable.ts'

/** What the client needs to know of an answer before its body. */
export interface AnswerHead {
  /** HTTP status, 200 to 599. */
  readonly status: number
  /** Media type in lower case without parameters; empty when not stated. */
  readonly contentType: string
  /** Length of the body in bytes, 0 to `MAX_ANSWER_BYTES`. */
  readonly contentLength: number
  /** True when the daemon closes the connection after this answer. */
  readonly isLast: boolean
}

const STATUS_LINE = /^HTTP\/1\.1 [2-5]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?$/
const FIELD_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*$/
const DIGITS = /^\d{1,9}$/

/**
 * Reads status line and header fields. Interim answers (1xx) are refused, as we
 * ask for none, and so is every framing but one `Content-Length`.
 *
 * @param head Everything before the empty line, latin1.
 * @throws GrantdUnreachableError `malformed`
 * @see RFC 9112 §6.3
 */
export function parseHead(head: string): AnswerHead {
  const [statusLine = '', ...lines] = head.split('\r\n')
  if (!STATUS_LINE.test(statusLine)) throw malformed('no HTTP/1.1 status line')
  const status = Number(statusLine.slice(9, 12))
  const fields = readFields(lines)
  if (fields.has('transfer-encoding')) throw malformed('"Transfer-Encoding" in its answer')
  const [contentType = ''] = (fields.get('content-type') ?? '').split(';')
  return {
    status,
    contentType: contentType.trim().toLowerCase(),
    contentLength: bodyLength(status, fields.get('content-length')),
    isLast: /(?:^|,)\s*close\s*(?:,|$)/i.test(fields.get('connection') ?? ''),
  }
}

function readFields(lines: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const line of lines) {
    if (!FIELD_LINE.test(line)) throw malformed('a broken header line')
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    // Two lengths are how answers get smuggled; joined by a comma, they are no number.
    const earlier = fields.get(name)
    const value = line.slice(colon + 1).trim()
    fields.set(name, earlier === undefined ? value : `${earlier},${value}`)
  }
  return fields
}

function bodyLength(status: number, stated: string | undefined): number {
  if (status === 204 || status === 304) return 0
  if (stated === undefined) throw malformed(`status ${status} without "Content-Length"`)
  if (!DIGITS.test(stated)) throw malformed('a "Content-Length" that is no number')
  const bytes = Number(stated)
  if (bytes > MAX_ANSWER_BYTES) throw malformed(`an answer above ${MAX_ANSWER_BYTES} bytes`)
  return bytes
}
