import type { Grant } from '../grant/grant.ts'
import type { Target } from '../policy/narrow-scope.ts'
import type { TokenKey } from '../token/cache-key.ts'

type TokenTarget = Pick<Target, 'audience' | 'scope'>

/** The newest key of a target, and the grant it is of. */
const known = new WeakMap<TokenTarget, { readonly grant: Grant; readonly key: TokenKey }>()

/** Under what a token of this grant and target is kept. */
export function tokenKey(grant: Grant, target: TokenTarget): TokenKey {
  const found = known.get(target)
  if (found?.grant === grant) return found.key
  const key = keyOf(grant, target)
  known.set(target, { grant, key })
  return key
}

function keyOf(grant: Grant, target: TokenTarget): TokenKey {
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
