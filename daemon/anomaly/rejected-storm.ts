import { type Count, countWithin } from './count-within.ts'
import type { Detector } from './detector.ts'

/** A resource server that is out of order refuses a few tokens before somebody stops asking. */
const BOUND = { most: 10, seconds: 600, what: 'tokens reported as rejected' }

/** Callers who report one token of a grant after the other as rejected. */
export const REJECTED_STORM: Detector<Count> = {
  event: 'anomaly.rejected_storm',
  keyOf: ({ isRejecting, grant }) => (isRejecting ? grant : undefined),
  look: (memory, { at }) => countWithin(memory, at, BOUND),
}
