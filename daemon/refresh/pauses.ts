import type { Pauses } from './back-off.ts'

/** A captive portal or a broken gateway: it takes minutes, and every visit is a token shown to it. */
export const UNUSABLE_PAUSES: Pauses = { firstSeconds: 5, mostSeconds: 300, jitter: 0.25 }

/**
 * A rotation whose access token is of no use: one may be a connection that broke off, but
 * where all are, each attempt costs another refresh token, and the issuer its patience.
 */
export const SPOILT_PAUSES: Pauses = { free: 1, firstSeconds: 5, mostSeconds: 300, jitter: 0.25 }

/** Nothing leaves while offline, and a laptop that comes back is to be served quickly. */
export const NOT_SENT_PAUSES: Pauses = { firstSeconds: 1, mostSeconds: 15, jitter: 0 }

/** Somebody else answers, or a certificate ran out: a person has to act, and asking often helps nobody. */
export const UNTRUSTED_PAUSES: Pauses = { firstSeconds: 30, mostSeconds: 900, jitter: 0.25 }

/**
 * A refusal without a word: the refresh token may be dead or the server broken. It is asked
 * now and then, so that a server that was mended brings the grant back by itself.
 */
export const BARE_PAUSES: Pauses = { firstSeconds: 30, mostSeconds: 3_600, jitter: 0.25 }

/** A client that is not known any more: a person has to act, at the issuer or by a login. */
export const CLIENT_PAUSES: Pauses = { firstSeconds: 60, mostSeconds: 3_600, jitter: 0.25 }

/** A refusal that is about neither scope nor audience nor client: every request would get it. */
export const REFUSED_PAUSES: Pauses = { free: 1, firstSeconds: 5, mostSeconds: 300, jitter: 0.25 }

/** Nobody waits longer for an issuer that named a time itself. */
const MAX_RETRY_LATER_SECONDS = 3_600

/** A pause that the issuer named, at most an hour. */
export function exactly(seconds: number): Pauses {
  const capped = Math.min(seconds, MAX_RETRY_LATER_SECONDS)
  return { firstSeconds: capped, mostSeconds: capped, jitter: 0 }
}
