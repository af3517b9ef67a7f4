import { tokenHashPrefix } from '../../daemon/base/token-hash.ts'
import type { AccessToken } from '../../daemon/token/access-token.ts'

/**
 * A bearer token that lives from `issuedAt` on.
 *
 * @param issuedAt Milliseconds since the epoch.
 */
export function accessToken(
  issuedAt: number,
  lifetimeSeconds: number,
  value = 'token',
): AccessToken {
  return {
    value,
    mark: tokenHashPrefix(value),
    tokenType: 'Bearer',
    scope: ['repo:read'],
    expiresAt: issuedAt + lifetimeSeconds * 1000,
    lifetimeSeconds,
    generation: 1,
  }
}
