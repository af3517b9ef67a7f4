/** Body of `POST /v1/token`. One of `grant` and `issuer` is needed. */
export interface TokenRequest {
  /** Name of the grant. */
  readonly grant?: string
  /** Issuer identifier; finds the grant when exactly one grant has it. */
  readonly issuer?: string
  /**
   * Space separated, RFC 6749 §3.3. Omitted: everything granted for the audience.
   * Less than that is refused unless the login stated `scope_narrowing` `honored`.
   */
  readonly scope?: string
  /** Resource indicator, RFC 8707. Omitted: the grant's first audience, if it has any. */
  readonly audience?: string
  /** Seconds the token must still live, 0 to 86,400. Default 0. */
  readonly min_ttl?: number
  /** base64url SHA-256 of a token that a resource server refused. */
  readonly rejected?: string
  /** What the token is for, shown in prompts and the audit log. */
  readonly purpose?: string
}

/** Answer of `POST /v1/token`. */
export interface TokenResponse {
  readonly access_token: string
  readonly token_type: 'Bearer' | 'DPoP'
  /** Whole seconds the token still lives. */
  readonly expires_in: number
  readonly scope: string
  readonly audience?: string
  readonly grant: string
  /** Rotations of the grant when this token was issued. */
  readonly generation: number
}
