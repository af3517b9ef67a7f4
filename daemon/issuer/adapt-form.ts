const AMPERSAND = 0x26
const EQUALS = 0x3d
const PERCENT = 0x25
const PLUS = 0x2b
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const SPACE = 0x20

/** A byte of a value is at most one escape of JSON. */
const MOST_PER_BYTE = 6

/** Brackets of the object, and for each member four quotes, a colon and a comma. */
const MOST_PER_MEMBER = 8

/** JSON has these as numbers, and the OAuth library insists on it. */
const NUMBERS: readonly string[] = ['expires_in', 'interval']

/**
 * Makes JSON of an answer that is a form, byte by byte: no string is made of a refresh token, and
 * the form is wiped, so that the answer is there once.
 *
 * @param form Overwritten with zeros.
 * @param isComplete Of one that broke off the last member may be half a token: it is left out.
 * @returns An object of strings, in memory of its own. A name that comes twice does so there too.
 * @see RFC 6749 appendix B, WHATWG URL §5.1
 */
export function adaptForm(form: Buffer, isComplete: boolean): Buffer {
  const end = isComplete ? endOfText(form) : form.lastIndexOf(AMPERSAND)
  const members = form.reduce((count, byte) => count + (byte === AMPERSAND ? 1 : 0), 1)
  const json = Buffer.alloc(form.length * MOST_PER_BYTE + members * MOST_PER_MEMBER)
  let length = json.write('{', 'latin1')
  for (let at = 0; at < end; ) {
    const next = indexOf(form, AMPERSAND, at, end)
    const equals = indexOf(form, EQUALS, at, next)
    if (equals > at) {
      if (length > 1) json[length++] = COMMA
      length = writeText(json, length, form, at, equals)
      json[length++] = COLON
      const from = Math.min(equals + 1, next)
      length = isNumber(form, at, equals, next)
        ? length + form.copy(json, length, from, next)
        : writeText(json, length, form, from, next)
    }
    at = next + 1
  }
  length += json.write('}', length, 'latin1')
  form.fill(0)
  return json.subarray(0, length)
}

/** Some end with a line feed, which is no part of the last value. */
function endOfText(form: Buffer): number {
  let end = form.length
  while (end > 0 && (form[end - 1] ?? 0) <= SPACE) end--
  return end
}

/** The end where there is none before it. */
function indexOf(form: Buffer, byte: number, from: number, end: number): number {
  const found = form.indexOf(byte, from)
  return found < 0 || found > end ? end : found
}

function isNumber(form: Buffer, at: number, equals: number, next: number): boolean {
  // the value is read only where the name says that it is no secret
  return (
    NUMBERS.includes(form.toString('latin1', at, equals)) &&
    /^(?:0|[1-9]\d{0,14})$/.test(form.toString('latin1', equals + 1, next))
  )
}

function writeText(json: Buffer, to: number, form: Buffer, from: number, end: number): number {
  let length = to
  json[length++] = QUOTE
  for (let at = from; at < end; ) {
    const escaped = form[at] === PERCENT ? hexByte(form, at + 1, end) : undefined
    const plain = form[at] === PLUS ? SPACE : (form[at] ?? 0)
    const byte = escaped ?? plain
    at += escaped === undefined ? 1 : 3
    if (byte < SPACE || byte === QUOTE || byte === BACKSLASH || byte === 0x7f)
      length += json.write(`\\u00${byte.toString(16).padStart(2, '0')}`, length, 'latin1')
    else json[length++] = byte
  }
  json[length++] = QUOTE
  return length
}

/** The byte two digits stand for; `undefined` when they are none, and the percent sign is one. */
function hexByte(form: Buffer, at: number, end: number): number | undefined {
  const high = hexDigit(form[at])
  const low = hexDigit(form[at + 1])
  if (at + 2 > end || high === undefined || low === undefined) return undefined
  return high * 16 + low
}

function hexDigit(byte = 0): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : undefined
}
