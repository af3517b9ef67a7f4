import { stillBytes } from '../base/still-bytes.ts'
import { readEscape } from './json-escape.ts'
import { statedLifetime } from './lifetime.ts'

/** What was read from a token answer before anything else looked at it. */
export interface TakenMembers {
  /** The refresh token as UTF-8, in memory of its own; absent when the answer carries none. */
  readonly refreshToken?: Buffer
  /** Refresh tokens the same answer named before that one; the caller's to wipe. */
  readonly earlier: readonly Buffer[]
  /** The one `id_token` as UTF-8; absent when there is none, or more than one. The caller's to wipe. */
  readonly idToken?: Buffer
  /** `expires_in` in whole seconds, a number or a numeric string; absent when it cannot be read. */
  readonly expiresInSeconds?: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const SPACE = 0x20
const OPEN_BRACE = 0x7b

/** `\u` escapes of every character of the longest name we look for; a longer name is none of ours. */
const LONGEST_NAME_BYTES = 6 * 'refresh_token'.length

const NOT_FOUND = -1

/**
 * Takes the refresh token out of the JSON bytes of a token answer, RFC 6749 §5.1,
 * without ever making a string of it, and blanks in place what must not travel on:
 *
 * - `refresh_token`, whatever its value; of several the last usable one counts;
 * - `id_token`: what the library never reads cannot fail to validate and take a rotated
 *   grant with it. A login looks who it names, and nothing depends on that;
 * - `expires_in` when it is no number, so that it counts as absent.
 *
 * What was JSON stays JSON. A body that breaks off or is malformed still gives
 * its refresh token when that member is whole: the issuer has rotated by then.
 *
 * @param body Overwritten with spaces where a member was cut.
 */
export function takeRefreshToken(body: Buffer): TakenMembers {
  const first = skipSpace(body, startsWithByteOrderMark(body) ? 3 : 0)
  if (body[first] !== OPEN_BRACE) return { earlier: [] }
  const tokens: Buffer[] = []
  const idTokens: Buffer[] = []
  let expiresInSeconds: number | undefined
  let at = skipSpace(body, first + 1)
  // The comma in front of the current member, unless that one was blanked already.
  let commaBefore: number | undefined
  for (;;) {
    const member = readMember(body, at)
    if (member === undefined) break
    let isCut = member.name === 'refresh_token' || member.name === 'id_token'
    if (member.name === 'refresh_token') {
      add(tokens, decodeString(body, member.valueStart, member.valueEnd))
    } else if (member.name === 'id_token') {
      add(idTokens, decodeString(body, member.valueStart, member.valueEnd))
    } else if (member.name === 'expires_in') {
      expiresInSeconds = readSeconds(body.subarray(member.valueStart, member.valueEnd))
      isCut = expiresInSeconds === undefined
    }
    const next = skipSpace(body, member.valueEnd)
    const isLast = body[next] !== COMMA
    if (isCut) {
      body.fill(SPACE, at, isLast ? member.valueEnd : next + 1)
      if (isLast && commaBefore !== undefined) body[commaBefore] = SPACE
    } else {
      commaBefore = next
    }
    at = isLast ? next : skipSpace(body, next + 1)
    if (isLast) break
  }
  recover(body, at, tokens)
  const refreshToken = tokens.pop()
  const idToken = onlyOf(idTokens)
  return {
    earlier: tokens,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(idToken !== undefined && { idToken }),
    ...(expiresInSeconds !== undefined && { expiresInSeconds }),
  }
}

/** Looks through what the walk over the members could not read: nothing, in a well-formed body. */
function recover(body: Buffer, from: number, tokens: Buffer[]): void {
  const name = Buffer.from('"refresh_token"')
  for (let at = body.indexOf(name, from); at >= 0; at = body.indexOf(name, at + 1)) {
    if (body[at - 1] === BACKSLASH) continue
    const member = readMember(body, at)
    // Broken off inside the token: half of it must not travel on either.
    const end = member?.valueEnd ?? body.length
    if (member !== undefined) add(tokens, decodeString(body, member.valueStart, end))
    body.fill(SPACE, at, end)
  }
}

/** Name and place of the value of one member; `undefined` when none begins here or it is not whole. */
function readMember(
  body: Buffer,
  at: number,
): { readonly name: string; readonly valueStart: number; readonly valueEnd: number } | undefined {
  if (body[at] !== QUOTE) return undefined
  const nameEnd = endOfString(body, at)
  if (nameEnd === NOT_FOUND) return undefined
  const colon = skipSpace(body, nameEnd)
  if (body[colon] !== COLON) return undefined
  const valueStart = skipSpace(body, colon + 1)
  const valueEnd = endOfValue(body, valueStart)
  if (valueEnd === NOT_FOUND) return undefined
  const isShort = nameEnd - at - 2 <= LONGEST_NAME_BYTES
  const name = isShort ? (decodeString(body, at, nameEnd)?.toString('latin1') ?? '') : ''
  return { name, valueStart, valueEnd }
}

/** Notes a token that could be used: no issuer knows one that is blank. */
function add(tokens: Buffer[], token: Buffer | undefined): void {
  if (token?.some((byte) => byte > SPACE) === true) tokens.push(token)
}

/** Nobody can tell which of several is meant. */
function onlyOf(tokens: readonly Buffer[]): Buffer | undefined {
  const [first, ...more] = tokens
  if (more.length === 0) return first
  for (const token of tokens) token.fill(0)
  return undefined
}

function startsWithByteOrderMark(body: Buffer): boolean {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf
}

function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === 0x09 || byte === 0x0a || byte === 0x0d
}

function skipSpace(body: Buffer, from: number): number {
  let at = from
  while (isSpace(body[at])) at++
  return at
}

/** Index after the closing quote of the string that opens at `from`. */
function endOfString(body: Buffer, from: number): number {
  for (let at = from + 1; at < body.length; at++) {
    if (body[at] === BACKSLASH) at++
    else if (body[at] === QUOTE) return at + 1
  }
  return NOT_FOUND
}

/** Index after the value at `from`; brackets are counted, not matched. */
function endOfValue(body: Buffer, from: number): number {
  if (body[from] === QUOTE) return endOfString(body, from)
  let depth = 0
  for (let at = from; at < body.length; at++) {
    const byte = body[at]
    if (byte === QUOTE) {
      at = endOfString(body, at) - 1
      if (at < from) return NOT_FOUND
    } else if (byte === OPEN_BRACE || byte === 0x5b) {
      depth++
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--
      if (depth === 0) return at + 1
      if (depth < 0) return at > from ? at : NOT_FOUND
    } else if (depth === 0 && (byte === COMMA || isSpace(byte))) {
      return at > from ? at : NOT_FOUND
    }
  }
  return NOT_FOUND
}

/** UTF-8 of the JSON string between two indexes, quotes included; `undefined` when it is no string. */
function decodeString(body: Buffer, start: number, end: number): Buffer | undefined {
  if (body[start] !== QUOTE) return undefined
  const text = stillBytes(end - start - 2)
  let length = 0
  for (let at = start + 1; at < end - 1; at++) {
    const byte = body[at] ?? 0
    if (byte !== BACKSLASH) {
      text[length++] = byte
      continue
    }
    const found = readEscape(body, at)
    if (found === undefined) return wiped(text)
    length += text.write(String.fromCodePoint(found.codePoint), length, 'utf8')
    at = found.end - 1
  }
  const whole = Buffer.from(text.subarray(0, length))
  text.fill(0)
  return whole
}

function wiped(bytes: Buffer): undefined {
  bytes.fill(0)
}

function readSeconds(value: Buffer): number | undefined {
  const text = value.toString('latin1', 0, 40).replace(/^"|"$/g, '')
  if (!/^\d[\d.eE+]*$/.test(text)) return undefined
  const seconds = Number(text)
  return Number.isFinite(seconds) ? statedLifetime(seconds) : undefined
}
