import { unescapeJson } from './json-escape.ts'

/**
 * Shortest secret in bytes that is looked for. Eight random characters stand in a
 * megabyte of others by accident less than once in a hundred million times, five
 * already once in a thousand; what RFC 6749 §10.10 calls unguessable has 22 or more.
 */
export const MIN_SECRET_BYTES = 8

/**
 * Whether an answer says one of our secrets again, anywhere, as it is or with JSON
 * escapes: what an issuer calls an access token or a scope goes on to a caller.
 *
 * Not handled: an issuer that writes a secret backwards, in base64 or in pieces. It
 * knows the secret and can tell anybody; this is against answers, not against issuers.
 *
 * @param secrets Shorter ones than {@link MIN_SECRET_BYTES} are passed over.
 */
export function repeatsSecret(answer: Buffer, secrets: readonly Buffer[]): boolean {
  const long = secrets.filter((secret) => secret.length >= MIN_SECRET_BYTES)
  const plain = unescapeJson(answer)
  const repeats = long.some((secret) => answer.includes(secret) || plain.includes(secret))
  plain.fill(0)
  return repeats
}
