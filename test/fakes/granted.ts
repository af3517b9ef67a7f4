import type { Grant } from '../../daemon/grant/grant.ts'

/** A grant as a login leaves it, with what a test wants otherwise. */
export function granted(changes: Partial<Grant> = {}): Grant {
  return {
    id: 'AAAAAAAAAAAAAAAAAAAAAA',
    name: 'work',
    clientId: 'client',
    metadata: { issuer: 'https://issuer.example', token_endpoint: 'https://issuer.example/token' },
    flow: 'device',
    scopeNarrowing: 'none',
    refreshInvalidatesAccessTokens: false,
    scopes: { '': ['openid', 'repo:read', 'repo:write'] },
    audiences: [],
    generation: 1,
    state: { kind: 'active' },
    createdAt: 1,
    accessTokensExpireAt: 0,
    ...changes,
  }
}
