import { createHash } from 'node:crypto'

/**
 * base64url SHA-256 of a token, 43 characters: how a caller names a token that
 * was refused, and how an intent names the refresh token it is about to spend.
 */
export function tokenHash(token: string | Uint8Array): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** First 8 bytes of the SHA-256, in hexadecimal: enough to find a token in the audit log, useless to use it. */
export function tokenHashPrefix(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 16)
}
