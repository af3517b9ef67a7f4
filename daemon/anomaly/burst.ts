import { type Count, countWithin } from './count-within.ts'
import type { Detector } from './detector.ts'

/** Twice what a build of a thousand steps asks for. */
const BOUND = { most: 2_000, seconds: 60, what: 'tokens' }

/** More tokens of one grant in a minute than work needs. */
export const BURST: Detector<Count> = {
  event: 'anomaly.burst',
  keyOf: ({ event, grant }) => (event === 'token.issued' ? grant : undefined),
  look: (memory, { at }) => countWithin(memory, at, BOUND),
}
