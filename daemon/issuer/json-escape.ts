import { stillBytes } from '../base/still-bytes.ts'

const BACKSLASH = 0x5c

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  '"': 0x22,
  '\\': BACKSLASH,
  '/': 0x2f,
  b: 0x08,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
}

/** One character written as an escape. */
export interface Escape {
  readonly codePoint: number
  /** Index after the escape. */
  readonly end: number
}

/**
 * Reads the escape whose backslash is at an index, RFC 8259 §7; two of them when they
 * are a surrogate pair. No escape is shorter than the UTF-8 it stands for.
 *
 * @returns `undefined` when it is none that JSON knows.
 */
export function readEscape(bytes: Buffer, at: number): Escape | undefined {
  const kind = String.fromCharCode(bytes[at + 1] ?? 0)
  const simple = SIMPLE_ESCAPES[kind]
  if (simple !== undefined) return { codePoint: simple, end: at + 2 }
  const unit = readUnit(bytes, at)
  if (unit === undefined) return undefined
  const low = unit >= 0xd800 && unit < 0xdc00 ? readUnit(bytes, at + 6) : undefined
  if (low === undefined || low < 0xdc00 || low >= 0xe000) return { codePoint: unit, end: at + 6 }
  return { codePoint: 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), end: at + 12 }
}

/**
 * The bytes as every JSON parser would understand them: escapes become what they stand
 * for, in strings and outside; what is no escape stays as it is.
 *
 * @returns Memory of its own, the caller's to wipe.
 */
export function unescapeJson(bytes: Buffer): Buffer {
  const plain = stillBytes(bytes.length)
  let length = 0
  let from = 0
  for (let at = bytes.indexOf(BACKSLASH); at >= 0; at = bytes.indexOf(BACKSLASH, from)) {
    const found = readEscape(bytes, at)
    const end = found?.end ?? at + 1
    length += bytes.copy(plain, length, from, found === undefined ? end : at)
    if (found !== undefined) {
      length += plain.write(String.fromCodePoint(found.codePoint), length, 'utf8')
    }
    from = end
  }
  length += bytes.copy(plain, length, from)
  return plain.subarray(0, length)
}

function readUnit(bytes: Buffer, at: number): number | undefined {
  if (bytes[at] !== BACKSLASH || bytes[at + 1] !== 0x75) return undefined
  const digits = bytes.toString('latin1', at + 2, at + 6)
  return /^[0-9A-Fa-f]{4}$/.test(digits) ? Number.parseInt(digits, 16) : undefined
}
