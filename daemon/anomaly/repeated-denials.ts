import { type Count, countWithin } from './count-within.ts'
import type { Detector } from './detector.ts'

/** A script that is not allowed tries some times; whoever looks for a way in tries more. */
const MANY_DENIALS = 20

const DENIALS_SECONDS = 60

const BOUND = { most: MANY_DENIALS, seconds: DENIALS_SECONDS, what: 'denials' }

/** Answers that say no to the caller, and not that something is out of order. */
const DENIALS: ReadonlySet<string> = new Set([
  'access_denied',
  'consent_denied',
  'invalid_scope',
  'invalid_target',
  'rate_limited',
  'unauthorized_peer',
  'unknown_grant',
])

/** One program that is told no again and again. */
export const REPEATED_DENIALS: Detector<Count> = {
  event: 'anomaly.repeated_denials',
  keyOf: ({ event, reason, executable, pid }) => {
    const isNo = event === 'peer.refused' || (event === 'token.denied' && DENIALS.has(reason ?? ''))
    return isNo ? (executable ?? `pid ${pid}`) : undefined
  },
  look: (memory, { at }) => countWithin(memory, at, BOUND),
}
