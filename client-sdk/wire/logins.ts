import type { GrantDetail } from './grants.ts'
import type { Problem } from './problem.ts'

/** How a person logs in. */
export type LoginFlow = 'device' | 'browser'

/**
 * What the issuer does with a narrower `scope` at refresh: `honored` narrows this
 * token only, `ignored` answers with everything, `sticky` shrinks the grant for
 * good, `none` is unknown. Only `honored` is ever asked to narrow.
 */
export type ScopeNarrowing = 'honored' | 'ignored' | 'sticky' | 'none'

/** Body of `POST /v1/logins`. */
export interface LoginRequest {
  readonly grant: string
  /** Either this or `preset`. */
  readonly issuer?: string
  /** Name of the preset that says where the issuer is, and what is left out here. */
  readonly preset?: string
  /** What the preset wants to be told, by name. */
  readonly preset_values?: Readonly<Record<string, string>>
  /** Omitted: a client is registered at the issuer, or the registered one of the name is used. */
  readonly client_id?: string
  readonly client_secret?: string
  /** The initial access token of RFC 7591, where the issuer registers nobody without one. */
  readonly registration_token?: string
  readonly scope?: string
  readonly audience?: readonly string[]
  readonly flow: LoginFlow
  readonly scope_narrowing?: ScopeNarrowing
  /**
   * Seconds for which the issuer answers a used refresh token once more, 0 to
   * {@link MAX_ROTATION_GRACE_SECONDS}; absent when nobody knows.
   */
  readonly rotation_grace?: number
  /**
   * True where a refresh ends the access tokens handed out before it; default false. All
   * callers share one token then, so it takes one audience at most and no narrowing.
   */
  readonly refresh_invalidates_access_tokens?: boolean
}

/** Progress of a login: `POST /v1/logins`, `GET /v1/logins/:id`, `DELETE /v1/logins/:id`. */
export interface LoginView {
  readonly id: string
  readonly grant: string
  readonly flow: LoginFlow
  readonly state: 'pending' | 'complete' | 'failed' | 'cancelled'
  /** True when this login had been started by an earlier request. */
  readonly joined: boolean
  /** Device flow, RFC 8628 §3.2. */
  readonly verification_uri?: string
  readonly verification_uri_complete?: string
  readonly user_code?: string
  /** Browser flow: the authorization request to open. */
  readonly authorization_uri?: string
  /** Whole seconds until the login ends by itself. */
  readonly expires_in: number
  /** Present when `state` is `failed`. */
  readonly problem?: Problem
  /** Present when `state` is `complete`. */
  readonly result?: GrantDetail
  /** A sentence the person must read, such as that nothing is kept on disk. */
  readonly notice?: string
}
