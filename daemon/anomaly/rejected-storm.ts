import { type Count, countWithin } from './count-within.ts'
import type { Detector } from './detector.ts'

/** A resource server that is out of order refuses a few tokens before somebody stops asking. */
const MANY_REJECTED = 10

const REJECTED_SECONDS = 600

const BOUND = {
  most: MANY_REJECTED,
  seconds: REJECTED_SECONDS,
  what: 'tokens reported as rejected',
}

/** Callers who report one token of a grant after the other as rejected. */
export const REJECTED_STORM: Detector<Count> = {
  event: 'anomaly.rejected_storm',
  keyOf: ({ isRejecting, grant }) => (isRejecting ? grant : undefined),
  look: (memory, { at }) => countWithin(memory, at, BOUND),
}
