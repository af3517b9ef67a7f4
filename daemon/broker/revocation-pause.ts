import type { RevocationReport } from '../grant/grant.ts'

/** First pause before an issuer that did not hear of a revocation is asked again. */
const FIRST_PAUSE_MS = 60_000

/** After hours of failures once an hour is enough for a token that is dead here. */
const LONGEST_PAUSE_MS = 3_600_000

/** The part of a pause that chance may take away, so that many grants do not ask at once. */
const JITTER = 0.25

/** Doublings after which every pause is the longest. */
const MOST_DOUBLINGS = 6

/**
 * When an issuer is asked again, in milliseconds since the epoch. The wall clock counts,
 * since the time is kept in the record and has to mean something after a restart.
 *
 * @param attempts Attempts so far, at least 1.
 * @param askedSeconds What the issuer itself asked for; no more than the longest pause counts.
 * @param random 0 up to 1, like `Math.random`.
 */
export function nextAttemptAt(
  now: number,
  attempts: number,
  askedSeconds: number,
  random: number,
): number {
  const grown = FIRST_PAUSE_MS * 2 ** Math.min(attempts - 1, MOST_DOUBLINGS)
  const pause = Math.min(grown, LONGEST_PAUSE_MS) * (1 - JITTER * random)
  return Math.round(now + Math.max(pause, Math.min(askedSeconds * 1000, LONGEST_PAUSE_MS)))
}

/**
 * Whether the daemon leaves the issuer in peace still. No pause is longer than the
 * longest: one that seems to be was written before the wall clock was set back.
 */
export function isPausing(report: RevocationReport | undefined, now: number): boolean {
  const left = (report?.nextAttemptAt ?? now) - now
  return left > 0 && left <= LONGEST_PAUSE_MS
}
