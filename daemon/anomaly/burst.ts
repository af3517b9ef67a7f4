import { type Count, countWithin } from './count-within.ts'
import type { Detector } from './detector.ts'

/** Twice what a build of a thousand steps asks for. */
const BURST_TOKENS = 2_000

const BURST_SECONDS = 60

const BOUND = { most: BURST_TOKENS, seconds: BURST_SECONDS, what: 'tokens' }

/** More tokens of one grant in a minute than work needs. */
export const BURST: Detector<Count> = {
  event: 'anomaly.burst',
  keyOf: ({ event, grant }) => (event === 'token.issued' ? grant : undefined),
  look: (memory, { at }) => countWithin(memory, at, BOUND),
}
