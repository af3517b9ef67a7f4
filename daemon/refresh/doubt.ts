import type { Grant } from '../grant/grant.ts'
import { MAX_ATTEMPTS } from '../grant/transition.ts'

/**
 * Longest pause before the one retry of a refresh token whose answer was lost, in seconds
 * since it was first sent. What loses an answer, a network or an issuer that went down,
 * rarely ends within seconds, and after this retry only a person helps. So the pause is
 * as long as the issuers that repeat an answer allow (30 s are common), less the time
 * the retry itself takes. Where nothing is repeated waiting costs nothing: a token that
 * was rotated was spent at once. There is never a third attempt.
 */
export const DOUBT_SECONDS = 25

/**
 * Pause before the one retry, in seconds since the refresh token was first sent. Half of a
 * known grace window at most: the retry must arrive while the issuer still answers it.
 */
export function doubtSeconds(grant: Pick<Grant, 'rotationGraceSeconds'>): number {
  const { rotationGraceSeconds: grace = 0 } = grant
  return grace > 0 ? Math.min(DOUBT_SECONDS, grace / 2) : DOUBT_SECONDS
}

/**
 * When the retry of a grant in doubt is worth sending without anybody asking for it: while
 * the issuer is known to answer it still, since after that a person has to help.
 *
 * @param now Milliseconds since the epoch.
 * @returns Milliseconds to wait, 0 for now; `undefined` when nothing is to be gained, or
 *   nothing is known.
 */
export function rescueDelayMs(
  grant: Pick<Grant, 'rotationGraceSeconds' | 'state'>,
  now: number,
): number | undefined {
  const { state, rotationGraceSeconds: grace = 0 } = grant
  if (state.kind !== 'in_doubt' || state.intent.attempt >= MAX_ATTEMPTS) return undefined
  const age = now - state.intent.startedAt
  if (grace <= 0 || age < 0 || age >= grace * 1000) return undefined
  return Math.max(0, doubtSeconds(grant) * 1000 - age)
}
