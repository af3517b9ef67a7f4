import type { Peer } from '../peer/peer.ts'

/** What a person is asked about. */
export interface ConsentQuestion {
  readonly peer: Peer
  readonly grant: string
  readonly scope: readonly string[]
  readonly audience: string | undefined
  readonly purpose: string | undefined
}

/** What came back; all but `allowed` is a refusal. */
export type ConsentAnswer = 'allowed' | 'denied' | 'unavailable'

/** Asks the person at the machine. */
export interface Consent {
  ask(question: ConsentQuestion): Promise<ConsentAnswer>
}

/** Where no prompt can be shown, nobody said yes. */
export const noPrompt: Consent = {
  ask: async () => 'unavailable',
}
