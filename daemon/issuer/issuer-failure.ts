import type { ErrorWord } from './error-words.ts'
import type { IssuerFailure } from './issuer.ts'
import type { Trace } from './trace.ts'

/** Seconds to wait when an issuer asks for patience without saying how much. */
const DEFAULT_RETRY_SECONDS = 30

/**
 * The one error door of this room. It is given no error at all: what the OAuth
 * library throws can hold whole answers, so nobody reads it, and the trace of
 * the request says what happened.
 *
 * An answer that cannot be read is never taken for a refusal: a captive portal
 * or a firewall writes such pages, and a grant must not die of one.
 */
export function issuerFailure(trace: Trace): IssuerFailure {
  if (!trace.mayHaveLeft) {
    return { kind: 'not_sent', reason: trace.reason ?? 'request was not accepted' }
  }
  const { status } = trace
  if (status === undefined || !trace.isComplete) {
    return inDoubt(trace.reason ?? 'connection lost', trace)
  }
  if (status === 429 || status === 503) {
    return {
      kind: 'retry_later',
      retryAfterSeconds: trace.retryAfterSeconds ?? DEFAULT_RETRY_SECONDS,
    }
  }
  if (status >= 500) return inDoubt(`status ${status}`, trace)
  if (status >= 300 && status < 400) return inDoubt('redirect refused', trace)
  if (trace.error !== undefined) return failureOfWord(trace.error, trace)
  if (trace.asksForClient) return { kind: 'client_broken', code: 'invalid_client' }
  return inDoubt(trace.isJson ? 'answer is unusable' : 'answer is not JSON', trace)
}

/** What an error code of the standards means for the grant. */
export function failureOfWord(word: ErrorWord, trace?: Trace): IssuerFailure {
  switch (word) {
    case 'invalid_grant':
      return { kind: 'grant_dead', code: word }
    case 'invalid_client':
    case 'unauthorized_client':
      return { kind: 'client_broken', code: word }
    case 'account_selection_required':
    case 'consent_required':
    case 'insufficient_user_authentication':
    case 'interaction_required':
    case 'login_required':
      return { kind: 'step_up', code: word }
    case 'server_error':
    case 'temporarily_unavailable':
      return inDoubt(word, trace)
    case 'access_denied':
    case 'authorization_pending':
    case 'expired_token':
    case 'invalid_dpop_proof':
    case 'invalid_request':
    case 'invalid_scope':
    case 'invalid_target':
    case 'other':
    case 'slow_down':
    case 'unsupported_grant_type':
    case 'unsupported_response_type':
    case 'unsupported_token_type':
    case 'use_dpop_nonce':
      return { kind: 'request_wrong', code: word }
  }
}

/** Bytes left and nothing usable came back. */
export function inDoubt(reason: string, trace?: Trace): IssuerFailure {
  return {
    kind: 'in_doubt',
    reason,
    ...(trace?.retryAfterSeconds !== undefined && { retryAfterSeconds: trace.retryAfterSeconds }),
  }
}
