import type { LoginRequest } from '@grantd/client/protocol'
import type { Grant, IssuerMetadata } from '../grant/grant.ts'
import { parseScope } from '../grant/scope.ts'
import type { TokenAnswer } from '../issuer/issuer.ts'
import { expiryOf } from '../refresh/check-answer.ts'

/** What a login has settled, before its answer is recorded. */
export interface LoginFacts {
  readonly id: string
  readonly request: LoginRequest
  readonly metadata: IssuerMetadata
  readonly answer: TokenAnswer
  /** Milliseconds since the epoch when the token request was answered. */
  readonly at: number
}

/**
 * A grant as the issuer granted it: the scope of the answer, or the scope asked for
 * when the answer names none. Only the first audience's scope is known yet.
 *
 * @see RFC 6749 §5.1, RFC 8707 §2
 */
export function newGrant(facts: LoginFacts): Grant {
  const { request, answer, at } = facts
  const audiences = request.audience ?? []
  const scope = answer.scope ?? parseScope(request.scope ?? '')
  return {
    id: facts.id,
    name: request.grant,
    clientId: request.client_id,
    metadata: facts.metadata,
    flow: request.flow,
    scopeNarrowing: request.scope_narrowing ?? 'none',
    refreshInvalidatesAccessTokens: false,
    scopes: { [audiences[0] ?? '']: scope },
    audiences: audiences.slice(0, 1),
    generation: 1,
    state: { kind: 'active' },
    createdAt: at,
    accessTokensExpireAt: expiryOf(answer.expiresInSeconds, at),
  }
}

/** Records what was granted for one more audience. */
export function withAudience(grant: Grant, audience: string, scope: readonly string[]): Grant {
  return {
    ...grant,
    audiences: [...grant.audiences, audience],
    scopes: { ...grant.scopes, [audience]: scope },
  }
}
