import type { TokenRequest } from './protocol.ts'

/** What a program asks for. One of `grant` and `issuer` is needed. */
export interface AccessTokenRequest {
  /** Name of the grant. */
  readonly grant?: string | undefined
  /** Issuer identifier; finds the grant when exactly one grant has it. */
  readonly issuer?: string | undefined
  /**
   * Space separated or one by one. Omitted: everything granted for the audience. Less
   * than that is refused unless the login said `--scope-narrowing honored`.
   */
  readonly scope?: string | readonly string[] | undefined
  /** Resource indicator, RFC 8707. Omitted: the grant's first audience, if it has any. */
  readonly audience?: string | undefined
  /** Seconds the token must still live, 0 to 86,400. Default 0. */
  readonly minTtl?: number | undefined
  /** What the token is for, shown in prompts and the audit log. */
  readonly purpose?: string | undefined
  /** base64url SHA-256 of a token that a resource server refused; see `reportRejected`. */
  readonly rejected?: string | undefined
}

/**
 * The request as the wire has it, its members always in the same order. Nothing
 * is judged here: the daemon does, and an empty list of scopes stays an empty
 * scope, which it refuses, rather than becoming all of them.
 */
export function toTokenRequest(request: AccessTokenRequest): TokenRequest {
  const { grant, issuer, scope, audience, minTtl, purpose, rejected } = request
  return {
    ...(grant !== undefined && { grant }),
    ...(issuer !== undefined && { issuer }),
    ...(scope !== undefined && { scope: typeof scope === 'string' ? scope : scope.join(' ') }),
    ...(audience !== undefined && { audience }),
    ...(minTtl !== undefined && { min_ttl: minTtl }),
    ...(rejected !== undefined && { rejected }),
    ...(purpose !== undefined && { purpose }),
  }
}
