import { GrantdError } from '@grantd/client/protocol'
import type { Clock } from '../base/clock.ts'
import { REQUEST_BURST, REQUESTS_PER_SECOND } from '../base/limits.ts'
import { RateBuckets } from '../policy/rate-buckets.ts'
import type { RefusalRecord } from './record-refusal.ts'
import type { Caller } from './rooms.ts'
import { callerName } from './spend-rates.ts'

const RATE = {
  rule: 'flood',
  tokens: REQUEST_BURST,
  seconds: REQUEST_BURST / REQUESTS_PER_SECOND,
}

/**
 * The rate of token requests that holds without any rule, for each program and grant, before
 * anything else is looked at. Rules have buckets of their own: nobody empties theirs, or
 * makes them be forgotten, by a flood that no rule lets through.
 */
export class RequestRate {
  readonly #buckets: RateBuckets
  readonly #refusals: Pick<RefusalRecord, 'record'>

  /** @param options.refusals Records some of a flood, and not one line for each request. */
  constructor(options: {
    readonly clock: Clock
    readonly refusals: Pick<RefusalRecord, 'record'>
  }) {
    this.#buckets = new RateBuckets(options.clock)
    this.#refusals = options.refusals
  }

  /** Requests refused since the start. */
  get refused(): number {
    return this.#buckets.refused
  }

  /**
   * Counts one request.
   *
   * @param grantId `undefined` when no grant is meant: all such requests of a program share a count.
   * @throws GrantdError `rate_limited`, or `audit_unavailable` when that cannot be recorded
   */
  spend(caller: Caller, grantId: string | undefined): void {
    const excess = this.#buckets.take([RATE], grantId ?? '', callerName(caller))
    if (excess === undefined) return
    this.#refusals.record(caller.peer, 'rate_limited')
    throw new GrantdError('rate_limited', 'this program asks far too often for this grant', {
      retryAfterSeconds: excess.retryAfterSeconds,
    })
  }
}
