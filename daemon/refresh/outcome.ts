import type { AccessToken } from '../token/access-token.ts'

/** How a refresh ended; whoever gets one handles them all. */
export type RefreshOutcome =
  /** A new access token, and the successor of the refresh token is durable. */
  | { readonly kind: 'rotated'; readonly token: AccessToken }
  /** A new access token; the issuer keeps the refresh token. */
  | { readonly kind: 'unchanged'; readonly token: AccessToken }
  /** The grant was revoked or replaced while the exchange was under way. */
  | { readonly kind: 'superseded' }
  /** The answer was lost: the refresh token may be spent. */
  | { readonly kind: 'in_doubt'; readonly detail: string; readonly retryAfterSeconds: number }
  /** Asking again changes nothing. */
  | {
      readonly kind: 'permanent'
      readonly code:
        | 'login_required'
        | 'step_up_required'
        | 'issuer_rejected'
        | 'invalid_scope'
        | 'invalid_target'
      readonly detail: string
    }
  /** Nothing was spent; asking again later can help. */
  | { readonly kind: 'transient'; readonly detail: string; readonly retryAfterSeconds: number }
