import { GrantdError } from '@grantd/client/protocol'
import type { Grant } from '../grant/grant.ts'
import type { Target } from '../policy/narrow-scope.ts'
import type { RefreshOutcome } from '../refresh/outcome.ts'
import type { AccessToken } from '../token/access-token.ts'
import { cacheKey } from '../token/cache-key.ts'
import { exchangeOnRecord } from './exchange-on-record.ts'
import type { Caller, Rooms } from './rooms.ts'
import { loginHint, tokenKey } from './token-key.ts'

/**
 * A token the cache does not have: one exchange per grant at a time, shared by all
 * who want the same.
 *
 * @throws GrantdError `login_required`, `step_up_required`, `invalid_scope`,
 *   `invalid_target`, `issuer_rejected`, `issuer_unreachable`, `refresh_in_doubt`,
 *   `overloaded`, `vault_locked`, `audit_unavailable`
 */
export async function exchangeToken(
  rooms: Rooms,
  caller: Caller,
  grant: Grant,
  target: Target,
): Promise<AccessToken> {
  const { state } = grant
  if (state.kind === 'revoked') {
    const why = state.reason === undefined ? 'revoked' : `over: ${state.reason}`
    throw new GrantdError('login_required', `"${grant.name}" is ${why}`, loginHint(grant))
  }
  return tokenOf(
    await rooms.flights.join(grant.id, flightKey(grant, target), () =>
      // whoever joins gets its outcome, and the first of them is named on record
      exchangeOnRecord(rooms, caller, grant.id, target),
    ),
    grant,
  )
}

/**
 * Who may share a flight. Where a refresh ends earlier tokens there is one for everybody,
 * whatever the generation: a second exchange in line would end what the first one brings.
 */
export function flightKey(grant: Grant, target: Pick<Target, 'audience' | 'scope'>): string {
  return grant.refreshInvalidatesAccessTokens ? 'shared' : cacheKey(tokenKey(grant, target))
}

function tokenOf(outcome: RefreshOutcome, grant: Grant): AccessToken {
  switch (outcome.kind) {
    case 'rotated':
    case 'unchanged':
      return outcome.token
    case 'superseded':
      throw new GrantdError(
        'login_required',
        `"${grant.name}" was revoked or replaced`,
        loginHint(grant),
      )
    case 'in_doubt':
      throw new GrantdError('refresh_in_doubt', outcome.detail, {
        retryAfterSeconds: outcome.retryAfterSeconds,
      })
    case 'transient':
      throw new GrantdError('issuer_unreachable', outcome.detail, {
        retryAfterSeconds: outcome.retryAfterSeconds,
      })
    case 'permanent':
      throw new GrantdError(
        outcome.code,
        outcome.detail,
        needsLogin(outcome.code) ? loginHint(grant) : {},
      )
    default:
      return outcome satisfies never
  }
}

function needsLogin(code: string): boolean {
  return code === 'login_required' || code === 'step_up_required'
}
