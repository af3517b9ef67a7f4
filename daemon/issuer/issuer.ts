import type { Secret } from '../base/secret.ts'
import type { IssuerMetadata } from '../grant/grant.ts'

/** Who we are at an issuer. The secret stays the caller's to wipe. */
export interface IssuerClient {
  readonly clientId: string
  /** Absent for a public client, which sends its `client_id` in the body only. */
  readonly clientSecret?: Secret
  readonly metadata: IssuerMetadata
}

/** What came back from the token endpoint, less the refresh token. */
export interface TokenAnswer {
  readonly accessToken: string
  readonly tokenType: 'Bearer' | 'DPoP'
  /**
   * Lifetime in seconds, counted from the start of the request: `expires_in`, or what a JWT
   * says of itself; absent when neither is there.
   */
  readonly expiresInSeconds?: number
  /** From `scope` of the answer; absent when the answer has none, RFC 6749 §5.1. */
  readonly scope?: readonly string[]
  /** `aud` of a JWT access token (not verified, only compared); absent for opaque tokens. */
  readonly audience?: readonly string[]
  /** `scope` and `scp` of a JWT access token (not verified, only compared). */
  readonly tokenScope?: readonly string[]
}

/**
 * Why an exchange gave no token. `code` is a word of the standards or `other`:
 * nothing an issuer wrote gets past this room.
 */
export type IssuerFailure =
  /** No byte left: the refresh token is as good as before. */
  | { readonly kind: 'not_sent'; readonly reason: string }
  /** The certificate is not one we trust: no byte left, and whoever answered may be somebody else. */
  | { readonly kind: 'untrusted'; readonly reason: string }
  /** Status 400 or 401 without a readable word: a dead refresh token at some issuers, a broken server at others. */
  | { readonly kind: 'refused_bare'; readonly reason: string }
  /**
   * A complete answer that is not a token endpoint's: a portal, a firewall, a broken or
   * overloaded server. As far as anybody can know nothing was done with the refresh token.
   */
  | { readonly kind: 'unusable'; readonly reason: string; readonly retryAfterSeconds?: number }
  /**
   * Bytes left, and no complete answer came, or one that gave tokens and was refused:
   * the refresh token may be spent.
   */
  | { readonly kind: 'in_doubt'; readonly reason: string; readonly retryAfterSeconds?: number }
  /** The issuer asked for patience before doing anything. */
  | { readonly kind: 'retry_later'; readonly retryAfterSeconds: number }
  /** `invalid_grant`: the refresh token is dead. */
  | { readonly kind: 'grant_dead'; readonly code: string }
  /** `invalid_client`, `unauthorized_client`: every grant of this client is stuck. */
  | { readonly kind: 'client_broken'; readonly code: string }
  /** `invalid_scope`, `invalid_target`, …: our request was wrong; the refresh token may be spent. */
  | { readonly kind: 'request_wrong'; readonly code: string }
  /** `interaction_required`, `consent_required`, `login_required`. */
  | { readonly kind: 'step_up'; readonly code: string }

/** The successor a token answer carried: taken out of the bytes before anything else looks at them. */
export interface Successor {
  readonly refreshToken: Secret
  /** `expires_in` of the same answer, when it could be read. */
  readonly expiresInSeconds?: number
}

/** One refresh. */
export interface RefreshRequest {
  readonly client: IssuerClient
  readonly refreshToken: Secret
  /** Only what was granted, and only where the issuer narrows; omitted otherwise. */
  readonly scope?: readonly string[]
  /** Resource indicator, RFC 8707; only one that was granted. */
  readonly audience?: string
  /**
   * Makes the successor durable, and owns it from then on: wipes it when sealed,
   * keeps it when it could not be. Called before anything validates the answer, at
   * most once; when it rejects, the exchange fails with the same error. After the
   * call the successor is the live token, whatever the exchange ends with.
   */
  readonly keepSuccessor: (successor: Successor) => Promise<void>
}

/** How a refresh ended at the issuer. */
export type RefreshAnswer =
  | { readonly kind: 'answered'; readonly answer: TokenAnswer; readonly hasSuccessor: boolean }
  | IssuerFailure

/** What a login asks for. */
export interface LoginAsk {
  readonly client: IssuerClient
  readonly scope: readonly string[]
  readonly audiences: readonly string[]
  /**
   * More parameters of the authorization request that some issuers need, such as
   * `access_type=offline`; they never replace ours. Browser flow only.
   */
  readonly authorizationParameters?: Readonly<Record<string, string>>
}

/** What a finished login brings. */
export type LoginAnswer =
  | {
      readonly kind: 'answered'
      readonly answer: TokenAnswer
      readonly refreshToken: Secret
      /** Whom the issuer's `id_token` names; absent when it sent none, or one that does not hold. */
      readonly subject?: string
    }
  | { readonly kind: 'no_refresh_token' }
  | { readonly kind: 'denied' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'cancelled' }
  | IssuerFailure

/** A login a person has to finish elsewhere. */
export interface StartedLogin {
  /** Device flow, RFC 8628 §3.2. */
  readonly verificationUri?: string
  readonly verificationUriComplete?: string
  readonly userCode?: string
  /** Browser flow, RFC 8252. */
  readonly authorizationUri?: string
  readonly expiresInSeconds: number
  /** Resolves when it ended, and never rejects; `signal` cancels it. */
  readonly finished: (signal: AbortSignal) => Promise<LoginAnswer>
}

/** How a login began, or why it could not. */
export type LoginStart = { readonly kind: 'started'; readonly login: StartedLogin } | IssuerFailure

/** Which of a grant's tokens is meant, in the words of RFC 7009 §2.1 and RFC 7662 §2.1. */
export type TokenHint = 'refresh_token' | 'access_token'

/** What the issuer said to a revocation, RFC 7009. */
export type RevocationAnswer =
  | { readonly kind: 'revoked' }
  /** No endpoint, or `unsupported_token_type`: trying again is no use. */
  | { readonly kind: 'unsupported' }
  /** The issuer answered, and it was a no. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Nobody answered as an issuer does, or it asked for patience. */
  | { readonly kind: 'failed'; readonly reason: string; readonly retryAfterSeconds?: number }

/** What the issuer says of a token, RFC 7662. */
export type IntrospectionAnswer =
  | { readonly kind: 'inactive' }
  | { readonly kind: 'active' }
  /** The issuer offers no introspection. */
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'failed'; readonly reason: string }

/** What became of a registration, RFC 7591. The secrets are the caller's to wipe. */
export type RegistrationAnswer =
  | {
      readonly kind: 'registered'
      readonly clientId: string
      /** Where the issuer insists on one. */
      readonly clientSecret?: Secret
      /** Both or none, RFC 7592 §3. */
      readonly managementUri?: string
      readonly registrationToken?: Secret
    }
  | IssuerFailure

/** What became of the deletion of a client, RFC 7592 §2.3. */
export type DeletionAnswer =
  | { readonly kind: 'deleted' }
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly retryAfterSeconds?: number }

/** What became of a discovery. */
export type Discovery =
  | { readonly kind: 'found'; readonly metadata: IssuerMetadata }
  /** The text can be the name of none, and asking again changes nothing. */
  | { readonly kind: 'no_issuer'; readonly reason: string }
  | IssuerFailure

/** Everything the daemon asks of issuers. */
export interface Issuers {
  /** Discovery, RFC 8414 and OpenID Connect Discovery. */
  discover(issuer: string): Promise<Discovery>
  /** The same of what somebody wrote down; nothing is asked. */
  stated(metadata: IssuerMetadata): Discovery
  refresh(request: RefreshRequest): Promise<RefreshAnswer>
  startDeviceLogin(ask: LoginAsk): Promise<LoginStart>
  startBrowserLogin(ask: LoginAsk): Promise<LoginStart>
  revoke(client: IssuerClient, token: Secret, hint: TokenHint): Promise<RevocationAnswer>
  register(
    metadata: IssuerMetadata,
    initialAccessToken: Secret | undefined,
  ): Promise<RegistrationAnswer>
  deleteClient(managementUri: string, registrationToken: Secret): Promise<DeletionAnswer>
  /** Asks as the client itself, with its own authentication. */
  introspect(client: IssuerClient, token: Secret, hint: TokenHint): Promise<IntrospectionAnswer>
}
