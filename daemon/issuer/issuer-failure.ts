import type { ErrorWord } from './error-words.ts'
import type { IssuerFailure } from './issuer.ts'
import { UNTRUSTED } from './send-request.ts'
import type { Trace } from './trace.ts'

/** Seconds to wait when an issuer asks for patience without saying how much. */
const DEFAULT_RETRY_SECONDS = 30

/**
 * The one error door of this room. It is given no error at all: what the OAuth
 * library throws can hold whole answers, so nobody reads it, and the trace of
 * the request says what happened.
 *
 * An answer that cannot be read is never taken for a refusal, nor for a lost one: a
 * captive portal, a firewall or an overloaded server writes such pages for hours, and a
 * grant must not die of them. A doubt is left where the answer did not come whole, and
 * where it came and gave tokens that we refuse.
 */
export function issuerFailure(trace: Trace): IssuerFailure {
  if (!trace.mayHaveLeft) {
    const reason = trace.reason ?? 'request was not accepted'
    return { kind: reason === UNTRUSTED ? 'untrusted' : 'not_sent', reason }
  }
  const { status } = trace
  if (status === undefined || !trace.isComplete) {
    return inDoubt(trace.reason ?? 'connection lost', trace)
  }
  const { retryAfterSeconds } = trace
  // a 503 that names no time may be a gateway's that broke down on the way back
  if (status === 429 || (status === 503 && retryAfterSeconds !== undefined)) {
    return { kind: 'retry_later', retryAfterSeconds: retryAfterSeconds ?? DEFAULT_RETRY_SECONDS }
  }
  if (status >= 500) return unusable(`status ${status}`, trace)
  if (status >= 300 && status < 400) return unusable('redirect refused', trace)
  const reason = trace.reason ?? (trace.isJson ? 'answer is unusable' : 'answer is not JSON')
  if (trace.hasSuccessor) return inDoubt(reason, trace)
  if (trace.error !== undefined) return failureOfWord(trace.error, trace)
  if (trace.asksForClient) return { kind: 'client_broken', code: 'invalid_client' }
  if (isBareRefusal(trace)) return { kind: 'refused_bare', reason: `status ${status}, no reason` }
  return trace.givesTokens ? inDoubt(reason, trace) : unusable(reason, trace)
}

/** A refusal in the manner of a token endpoint, RFC 6749 §5.2, less its `error`; a page is none. */
function isBareRefusal({ status, isJson, isEmpty }: Trace): boolean {
  return (status === 400 || status === 401) && (isJson || isEmpty)
}

/** What each error code of the standards means for the grant. */
const MEANING = {
  access_denied: 'request_wrong',
  account_selection_required: 'step_up',
  authorization_pending: 'request_wrong',
  consent_required: 'step_up',
  expired_token: 'request_wrong',
  insufficient_user_authentication: 'step_up',
  interaction_required: 'step_up',
  invalid_client: 'client_broken',
  invalid_client_metadata: 'request_wrong',
  invalid_dpop_proof: 'request_wrong',
  invalid_grant: 'grant_dead',
  invalid_redirect_uri: 'request_wrong',
  invalid_request: 'request_wrong',
  invalid_scope: 'request_wrong',
  invalid_target: 'request_wrong',
  invalid_token: 'request_wrong',
  login_required: 'step_up',
  other: 'request_wrong',
  server_error: 'unusable',
  slow_down: 'request_wrong',
  temporarily_unavailable: 'unusable',
  unauthorized_client: 'client_broken',
  unsupported_grant_type: 'request_wrong',
  unsupported_response_type: 'request_wrong',
  unsupported_token_type: 'request_wrong',
  use_dpop_nonce: 'request_wrong',
} as const satisfies Readonly<Record<ErrorWord, IssuerFailure['kind']>>

/** What an error code means; `trace` adds the wait the issuer asked for. */
export function failureOfWord(word: ErrorWord, trace?: Trace): IssuerFailure {
  const kind = MEANING[word]
  return kind === 'unusable' ? unusable(word, trace) : { kind, code: word }
}

/** Bytes left, and the issuer may have acted. */
export function inDoubt(reason: string, trace?: Trace): IssuerFailure {
  return { kind: 'in_doubt', reason, ...waitOf(trace) }
}

/** An answer came, and it is none of a token endpoint; or nothing was at stake. */
export function unusable(reason: string, trace?: Trace): IssuerFailure {
  return { kind: 'unusable', reason, ...waitOf(trace) }
}

function waitOf(trace: Trace | undefined): { readonly retryAfterSeconds?: number } {
  const { retryAfterSeconds } = trace ?? {}
  return retryAfterSeconds === undefined ? {} : { retryAfterSeconds }
}

/** What went wrong with a request that is about no exchange, in a few words of ours. */
export function failureReason(trace: Trace): string {
  const failure = issuerFailure(trace)
  if (failure.kind === 'retry_later') return `issuer asks to wait ${failure.retryAfterSeconds} s`
  if ('code' in failure) return failure.code
  const { status = 0, isComplete } = trace
  // some issuers refuse with an empty page: the status is all they say
  const isBareRefusal = isComplete && status >= 400 && status < 500
  return isBareRefusal ? `status ${status}` : failure.reason
}
