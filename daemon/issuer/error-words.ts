/**
 * The error codes of the standards; everything else an issuer writes is `other`.
 *
 * RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, RFC 7009 §2.2.1, RFC 7591 §3.2.2, RFC 8628 §3.5, RFC 8707 §2,
 * RFC 9449 §5 and §8, RFC 9470 §3, OpenID Connect Core §3.1.2.6.
 */
const WORDS = [
  'access_denied',
  'account_selection_required',
  'authorization_pending',
  'consent_required',
  'expired_token',
  'insufficient_user_authentication',
  'interaction_required',
  'invalid_client',
  'invalid_client_metadata',
  'invalid_dpop_proof',
  'invalid_grant',
  'invalid_redirect_uri',
  'invalid_request',
  'invalid_scope',
  'invalid_target',
  'invalid_token',
  'login_required',
  'server_error',
  'slow_down',
  'temporarily_unavailable',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_response_type',
  'unsupported_token_type',
  'use_dpop_nonce',
] as const

/** An error code that is safe to repeat. */
export type ErrorWord = (typeof WORDS)[number] | 'other'

const KNOWN: ReadonlySet<string> = new Set(WORDS)

/**
 * @param said What an issuer wrote as `error`.
 * @returns The same word when a standard knows it, `other` for every other text,
 * `undefined` when it is no text or empty.
 */
export function errorWord(said: unknown): ErrorWord | undefined {
  if (typeof said !== 'string' || said === '') return undefined
  // GitHub's word for a refresh token that is spent, expired or revoked.
  if (said === 'bad_refresh_token') return 'invalid_grant'
  return isErrorWord(said) ? said : 'other'
}

function isErrorWord(text: string): text is ErrorWord {
  return KNOWN.has(text)
}
