import type { LoginFlow, RevocationState, ScopeNarrowing } from '@grantd/client/protocol'
import type { UsedBy } from './used-by.ts'

/** The endpoints of an issuer as they were at login, RFC 8414 names. */
export interface IssuerMetadata {
  readonly issuer: string
  readonly token_endpoint: string
  readonly authorization_endpoint?: string
  readonly device_authorization_endpoint?: string
  readonly revocation_endpoint?: string
  /** RFC 7662: asked whether a revocation really ended a token. */
  readonly introspection_endpoint?: string
  /** RFC 7591: where a client registers itself. */
  readonly registration_endpoint?: string
  readonly jwks_uri?: string
  /** RFC 9207: a callback without `iss` is refused when true. */
  readonly authorization_response_iss_parameter_supported?: boolean
  readonly id_token_signing_alg_values_supported?: readonly string[]
  /** How a client with a secret says who it is; absent means `client_secret_basic`, RFC 8414 §2. */
  readonly token_endpoint_auth_methods_supported?: readonly string[]
  /** In which form it answers where that is not JSON, RFC 6749 §5; no name of RFC 8414. */
  readonly answers?: 'form'
}

/** An exchange that was begun: written before the first byte leaves, cleared by its outcome. */
export interface RefreshIntent {
  /** base64url SHA-256 of the refresh token that is being spent. */
  readonly tokenHash: string
  /** When this refresh token was first sent; milliseconds since the epoch. A retry leaves it. */
  readonly startedAt: number
  /** 1 for the first send of this refresh token, 2 for the one retry that is allowed. */
  readonly attempt: number
}

/** What became of the access tokens that were known when a grant was revoked. */
export interface TokenCounts {
  readonly revoked: number
  /** The issuer revokes no tokens of this type: they work until they expire. */
  readonly unsupported: number
  /** Refused, not asked about yet, or beyond what a record has room for. */
  readonly failed: number
}

/** What an issuer was told of a revocation, and what it said. */
export interface RevocationReport {
  /** Attempts so far after which something was left to be told. */
  readonly attempts: number
  /** The daemon asks no earlier by itself; milliseconds since the epoch. Absent: at once. */
  readonly nextAttemptAt?: number
  /** What became of the refresh token; absent while it is still to be revoked. */
  readonly refreshToken?: 'revoked' | 'unsupported'
  /** True when the issuer itself calls every token inactive that it revoked so far. */
  readonly isVerified: boolean
  readonly accessTokens: TokenCounts
  /**
   * What became of the client that was registered for this machine, once settled; `kept`:
   * a newer login has it.
   */
  readonly client?: 'deleted' | 'kept' | 'unsupported' | 'refused'
  /** What is not as it should be, in words of ours, never the issuer's. */
  readonly problem?: string
}

/** Where a grant stands; the transitions are in `transition.ts`. */
export type GrantState =
  | { readonly kind: 'active' }
  | { readonly kind: 'refreshing'; readonly intent: RefreshIntent }
  | { readonly kind: 'in_doubt'; readonly intent: RefreshIntent }
  | { readonly kind: 'login_required'; readonly reason: string }
  | {
      readonly kind: 'revoked'
      readonly at: number
      readonly revocation: RevocationState
      /** Why the daemon ended it by itself, in a few words; absent when somebody else did. */
      readonly reason?: string
      /**
       * An exchange without an answer when the grant was revoked: its successor, which
       * nobody here knows, may live at the issuer. Gone once the answer comes.
       */
      readonly intent?: RefreshIntent
      /** Absent before the first attempt, and when there is nothing to tell. */
      readonly report?: RevocationReport
    }

/** The preset of a login, and the values it was told. */
export interface GrantPreset {
  readonly name: string
  readonly values: Readonly<Record<string, string>>
}

/**
 * One login at one issuer, without its secrets: what may be listed, logged and
 * decided upon. Times are milliseconds since the epoch.
 */
export interface Grant {
  /** Random, never reused; names the sealed record. */
  readonly id: string
  /** The person's word for it. */
  readonly name: string
  readonly clientId: string
  /** Present when the issuer registered the client for this machine, RFC 7591. */
  readonly registration?: {
    /** Where it can be deleted, RFC 7592; absent where the issuer named no place. */
    readonly managementUri?: string
  }
  readonly metadata: IssuerMetadata
  /** Whom the issuer named at login, printable ASCII; absent when it named nobody. */
  readonly subject?: string
  readonly flow: LoginFlow
  /** What said where the issuer is; absent where the person did. */
  readonly preset?: GrantPreset
  readonly scopeNarrowing: ScopeNarrowing
  /** True where a refresh ends the access tokens handed out before it. */
  readonly refreshInvalidatesAccessTokens: boolean
  /**
   * For how many seconds the issuer answers a refresh token again that was used already;
   * absent when nobody said, 0 when it never does.
   */
  readonly rotationGraceSeconds?: number
  /** Granted scopes per audience; the key is empty for tokens without an audience. */
  readonly scopes: Readonly<Record<string, readonly string[]>>
  /** Granted resource indicators, RFC 8707; the first is the default. */
  readonly audiences: readonly string[]
  /** Rotations of the refresh token since the login, which is 1. */
  readonly generation: number
  /**
   * Whether the last refresh brought another refresh token: false where the issuer sent none,
   * or the same again. Absent before the first refresh.
   */
  readonly isRotating?: boolean
  readonly state: GrantState
  /** Refusals without a word since the issuer last answered; absent for none. */
  readonly bareRefusals?: number
  readonly createdAt: number
  readonly lastRefreshedAt?: number
  readonly lastUsedAt?: number
  /** By which programs, the newest first; absent for none that is known. */
  readonly usedBy?: readonly UsedBy[]
  /** When the last access token of this grant dies; 0 when none was issued. */
  readonly accessTokensExpireAt: number
}
