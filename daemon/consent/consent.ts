import type { Peer } from '../peer/peer.ts'
import type { ConsentWish } from './choice.ts'

/** What a person is asked about. */
export interface ConsentQuestion {
  readonly peer: Peer
  /** The processes above it, the nearest first; read only when a prompt is really shown. */
  ancestors(): readonly { readonly pid: number; readonly executable?: string }[]
  /** On which kind of socket it asks. */
  readonly listener: string
  /** Name of the grant. */
  readonly grant: string
  /** Tells a grant from an earlier login of the same name. */
  readonly grantId: string
  readonly scope: readonly string[]
  readonly audience: string | undefined
  /** Longest life of the token; absent: the issuer's own. */
  readonly lifetimeSeconds: number | undefined
  /** What the caller says it is for. */
  readonly purpose: string | undefined
  /** The machine a forwarded request comes from, as far as it is known. */
  readonly forwardedFrom?: string
  /** Present where not a token is asked for, but that rules be lifted for a while. */
  readonly lifting?: Lifting
}

/** What it means to lift rules. */
interface Lifting {
  /** Whose requests they are lifted for. */
  readonly class: Peer['class']
  readonly seconds: number
  /** The caller's word. */
  readonly reason: string
  /** Names of the rules. */
  readonly rules: readonly string[]
}

/** A yes. It counts at the moment it was given; later it has to be looked at again. */
export interface Permission {
  readonly kind: 'allowed'
  /** True while nothing took it back: a lock, another rule, its time; `wish` is what the rule wants now. */
  stillStands(wish: ConsentWish): boolean
}

/** What came back; all but `allowed` is a refusal. */
export type ConsentAnswer =
  | Permission
  /** Somebody said no, or nobody said anything in time; `reason` is half a sentence. */
  | { readonly kind: 'denied'; readonly reason: string }
  /** Nobody could be asked. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** What was asked about changed while the question stood there. */
  | { readonly kind: 'withdrawn' }

/** Somebody who waits for the answer, and may go away. */
export interface Waiter {
  /**
   * Calls `listener` once when nobody waits any more; at once when that is so already.
   *
   * @returns What ends it.
   */
  onGone(listener: () => void): () => void
}

/** Asks the person at the machine, and remembers what was said. */
export interface Consent {
  /**
   * @param wish What the rule wants.
   * @throws GrantdError `rate_limited`, `overloaded`, `audit_unavailable`
   */
  ask(question: ConsentQuestion, wish: ConsentWish, waiter: Waiter): Promise<ConsentAnswer>
  /** Nothing that was said about this grant counts any more. */
  forgetGrant(grantId: string): void
  /** Nothing that was said counts any more. */
  forgetAll(): void
}
