import { MIN_REMAINING_SECONDS } from '../base/limits.ts'
import type { AccessToken } from './access-token.ts'

/** No caller may ask for more of a token's life than this, or every request would be an exchange. */
const MOST_OF_LIFE = 0.8

/**
 * @returns Whole seconds the token still lives, never negative.
 */
export function remainingSeconds(token: AccessToken, now: number): number {
  return Math.max(0, Math.floor((token.expiresAt - now) / 1000))
}

/**
 * The token with an end no later than what the monotonic clock says: after the wall
 * clock went back, `expiresAt` would promise life that the issuer does not know of.
 *
 * @param leftMs Milliseconds the token still lives by the monotonic clock.
 */
export function withinLife(token: AccessToken, now: number, leftMs: number): AccessToken {
  const end = now + Math.floor(leftMs)
  return end < token.expiresAt ? { ...token, expiresAt: end } : token
}

/**
 * The token with a shorter life, counted from when it was fetched.
 *
 * @param capSeconds Longest life; absent: as the issuer gave it.
 */
export function capLife(token: AccessToken, capSeconds: number | undefined): AccessToken {
  if (capSeconds === undefined || token.lifetimeSeconds <= capSeconds) return token
  const cutMs = (token.lifetimeSeconds - capSeconds) * 1000
  return { ...token, expiresAt: token.expiresAt - cutMs, lifetimeSeconds: capSeconds }
}

/**
 * Whether a cached token has enough life left to be handed out: at least what the
 * caller asked for, 30 s and a tenth of its life, but never more than four fifths
 * of it.
 *
 * @param minTtlSeconds What the caller asked for, 0 to 86,400.
 */
export function isFreshEnough(token: AccessToken, now: number, minTtlSeconds: number): boolean {
  const wanted = Math.max(minTtlSeconds, MIN_REMAINING_SECONDS, token.lifetimeSeconds / 10)
  const most = token.lifetimeSeconds * MOST_OF_LIFE
  return (token.expiresAt - now) / 1000 >= Math.min(wanted, most) && token.expiresAt > now
}
