/** A short-lived token as it may leave the daemon. */
export interface AccessToken {
  readonly value: string
  /** First 8 bytes of its SHA-256 in hexadecimal: what it is called on record. */
  readonly mark: string
  readonly tokenType: 'Bearer' | 'DPoP'
  readonly scope: readonly string[]
  /** Resource indicator the token is for; absent when the grant has none. */
  readonly audience?: string
  /** Milliseconds since the epoch, counted from the start of the request that brought it. */
  readonly expiresAt: number
  /** Whole life in seconds as the issuer stated it. */
  readonly lifetimeSeconds: number
  readonly generation: number
}
