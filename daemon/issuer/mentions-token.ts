import { unescapeJson } from './json-escape.ts'

const NAMES = ['access_token', 'refresh_token'] as const

const OPEN_ANGLE = 0x3c

/**
 * Whether an answer looks as if it gave tokens, RFC 6749 §5.1, readable or not: then the
 * issuer has acted, and the refresh token that was sent may be spent. A page of markup
 * never does, whatever its scripts talk about: portals and firewalls write those.
 *
 * @param answer Before anything was cut out of it.
 */
export function mentionsToken(answer: Buffer): boolean {
  if (firstByte(answer) === OPEN_ANGLE) return false
  const plain = unescapeJson(answer)
  const mentions = NAMES.some((name) => plain.includes(name))
  plain.fill(0)
  return mentions
}

/** First byte that is neither space nor of a byte order mark. */
function firstByte(bytes: Buffer): number | undefined {
  return bytes.find((byte) => byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf)
}
