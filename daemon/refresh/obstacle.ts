import type { Grant } from '../grant/grant.ts'
import { MAX_ATTEMPTS } from '../grant/transition.ts'
import type { BackOff } from './back-off.ts'
import { requestKey } from './client-key.ts'
import { doubtSeconds } from './doubt.ts'
import type { RefreshOutcome } from './outcome.ts'

/** Refusals without a word before only a login is known to help: one may be a hiccup, three are none. */
const SUSPECT_REFUSALS = 3

/**
 * Why a grant is suspect: its issuer keeps refusing without a word. Its refresh token is
 * kept, and tried now and then.
 *
 * @returns `undefined` for a grant that is not.
 */
export function suspicion(grant: Pick<Grant, 'bareRefusals'>): string | undefined {
  const { bareRefusals = 0 } = grant
  if (bareRefusals < SUSPECT_REFUSALS) return undefined
  return `the issuer refused ${bareRefusals} times without saying why`
}

/**
 * What in a grant's own state stands in the way of an exchange.
 *
 * @param now Milliseconds since the epoch.
 */
export function stateObstacle(grant: Grant | undefined, now: number): RefreshOutcome | undefined {
  if (grant === undefined) return { kind: 'superseded' }
  switch (grant.state.kind) {
    case 'active':
      return undefined
    case 'revoked':
      return { kind: 'superseded' }
    case 'login_required':
      return { kind: 'permanent', code: 'login_required', detail: grant.state.reason }
    case 'refreshing':
    case 'in_doubt': {
      const { intent } = grant.state
      if (intent.attempt >= MAX_ATTEMPTS)
        return {
          kind: 'permanent',
          code: 'login_required',
          detail: 'two answers of the issuer were lost',
        }
      const pause = doubtSeconds(grant) * 1000
      const left = intent.startedAt + pause - now
      // more than the whole pause: the clock was set back
      if (left <= 0 || left > pause) return undefined
      return {
        kind: 'in_doubt',
        detail: 'the answer to a refresh was lost',
        retryAfterSeconds: Math.ceil(left / 1000),
      }
    }
    default:
      return grant.state satisfies never
  }
}

/**
 * The pause after a failure, while it lasts: of the grant itself, or of all grants of its
 * client, or of its requests for an audience.
 *
 * @param client As `clientKey` names it.
 */
export function pauseObstacle(
  backOff: BackOff,
  grant: Grant,
  client: string,
  audience?: string,
): RefreshOutcome | undefined {
  for (const key of [client, requestKey(grant.id, audience)])
    if (backOff.waitSeconds(key) > 0)
      return {
        kind: 'permanent',
        code: 'issuer_rejected',
        detail: backOff.lastReason(key) ?? 'the issuer refuses the client',
      }
  const retryAfterSeconds = backOff.waitSeconds(grant.id)
  if (retryAfterSeconds === 0) return undefined
  const suspect = suspicion(grant)
  if (suspect !== undefined) return { kind: 'permanent', code: 'login_required', detail: suspect }
  const detail = backOff.lastReason(grant.id) ?? 'the issuer failed'
  return { kind: 'transient', detail, retryAfterSeconds }
}
