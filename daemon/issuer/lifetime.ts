import { MAX_ACCESS_TOKEN_SECONDS } from '../base/limits.ts'

/**
 * A lifetime as an issuer stated it, made safe to reckon with: whole seconds, at most
 * {@link MAX_ACCESS_TOKEN_SECONDS}. Nothing that is no number above 0 says anything.
 *
 * @returns Seconds, or `undefined` as if `expires_in` had been absent, RFC 6749 §5.1.
 */
export function statedLifetime(seconds: number | undefined): number | undefined {
  if (seconds === undefined || !(seconds >= 1)) return undefined
  return Math.min(Math.floor(seconds), MAX_ACCESS_TOKEN_SECONDS)
}
