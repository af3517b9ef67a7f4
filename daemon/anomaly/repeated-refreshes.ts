import { type Count, countWithin } from './count-within.ts'
import type { Detector } from './detector.ts'

/** Ten tokens of different scopes that live two minutes each come near it. */
const MANY_EXCHANGES = 40

const EXCHANGES_SECONDS = 600

const BOUND = {
  most: MANY_EXCHANGES,
  seconds: EXCHANGES_SECONDS,
  what: 'exchanges with the issuer',
}

/** A grant whose tokens are fetched again and again: one who collects them, or a cache that does not work. */
export const REPEATED_REFRESHES: Detector<Count> = {
  event: 'anomaly.repeated_refreshes',
  keyOf: ({ event, grant }) => (event === 'grant.refresh_begun' ? grant : undefined),
  look: (memory, { at }) => countWithin(memory, at, BOUND),
}
