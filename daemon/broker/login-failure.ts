import { GrantdError } from '@grantd/client/protocol'
import type { IssuerFailure, LoginAnswer } from '../issuer/issuer.ts'

/** A certificate does not mend itself within seconds. */
const UNTRUSTED_RETRY_SECONDS = 60

/** An issuer's failure outside of a refresh, as the caller sees it. */
export function issuerFailureError(failure: IssuerFailure): GrantdError {
  switch (failure.kind) {
    case 'not_sent':
      return new GrantdError('issuer_unreachable', failure.reason, { retryAfterSeconds: 5 })
    case 'untrusted':
      return new GrantdError('issuer_unreachable', failure.reason, {
        retryAfterSeconds: UNTRUSTED_RETRY_SECONDS,
      })
    case 'refused_bare':
      return new GrantdError('issuer_rejected', failure.reason)
    case 'in_doubt':
    case 'unusable':
      return new GrantdError('issuer_unreachable', failure.reason, {
        retryAfterSeconds: failure.retryAfterSeconds ?? 5,
      })
    case 'retry_later':
      return new GrantdError('issuer_unreachable', 'the issuer asked to wait', {
        retryAfterSeconds: failure.retryAfterSeconds,
      })
    case 'request_wrong':
      if (failure.code === 'invalid_scope' || failure.code === 'invalid_target')
        return new GrantdError(failure.code, `the issuer answered "${failure.code}"`)
      return new GrantdError('issuer_rejected', `the issuer answered "${failure.code}"`)
    case 'grant_dead':
    case 'client_broken':
    case 'step_up':
      return new GrantdError('issuer_rejected', `the issuer answered "${failure.code}"`)
    default:
      return failure satisfies never
  }
}

/** Why a login brought no grant; `undefined` when the person cancelled it. */
export function loginFailureError(
  answer: Exclude<LoginAnswer, { kind: 'answered' }>,
): GrantdError | undefined {
  switch (answer.kind) {
    case 'cancelled':
      return undefined
    case 'denied':
      return new GrantdError('access_denied', 'the login was denied at the issuer')
    case 'expired':
      return new GrantdError('login_required', 'nobody finished the login in time')
    case 'no_refresh_token':
      return new GrantdError('issuer_rejected', 'the issuer gave no refresh token', {
        hint: 'ask for the scope "offline_access", and allow refresh tokens for this client',
      })
    case 'not_sent':
    case 'untrusted':
    case 'refused_bare':
    case 'in_doubt':
    case 'unusable':
    case 'retry_later':
    case 'request_wrong':
    case 'grant_dead':
    case 'client_broken':
    case 'step_up':
      return issuerFailureError(answer)
    default:
      return answer satisfies never
  }
}
