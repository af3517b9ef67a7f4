import type { Grant } from '../grant/grant.ts'
import type { Target } from '../policy/narrow-scope.ts'
import type { TokenKey } from '../token/cache-key.ts'

/** Under what a token of this grant and target is kept. */
export function tokenKey(grant: Grant, target: Pick<Target, 'audience' | 'scope'>): TokenKey {
  return {
    grantId: grant.id,
    validSinceGeneration: grant.refreshInvalidatesAccessTokens ? grant.generation : 1,
    audience: target.audience,
    scope: target.scope,
    thumbprint: undefined,
  }
}

/** The hint of every error that only a new login cures. */
export function loginHint(grant: Grant): { readonly hint: string } {
  return { hint: `grantd login ${grant.name}` }
}
