import { isUtf8 } from 'node:buffer'
import { unescapeJson } from './json-escape.ts'

const NAMES = ['access_token', 'refresh_token'] as const

const OPEN_ANGLE = 0x3c

/**
 * Whether an answer looks as if it gave tokens, RFC 6749 §5.1, readable or not: then the
 * issuer has acted, and the refresh token that was sent may be spent. A page of markup
 * never does, whatever its scripts talk about: portals and firewalls write those. What
 * claims to be JSON and is not even UTF-8 may: another charset, a compression in disguise.
 *
 * @param answer Before anything was cut out of it.
 * @param isJson Whether it claims to be JSON.
 */
export function mentionsToken(answer: Buffer, isJson: boolean): boolean {
  if (firstByte(answer) === OPEN_ANGLE) return false
  if (isJson && (answer.includes(0) || !isUtf8(answer))) return true
  const plain = unescapeJson(answer)
  const mentions = NAMES.some((name) => plain.includes(name))
  plain.fill(0)
  return mentions
}

/** First byte that is neither space nor of a byte order mark. */
function firstByte(bytes: Buffer): number | undefined {
  return bytes.find((byte) => byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf)
}
