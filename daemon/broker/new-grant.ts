import type { Grant, IssuerMetadata } from '../grant/grant.ts'
import { expiryOf } from '../refresh/check-answer.ts'
import type { LoginClient } from './login-client.ts'
import type { LoginPlan } from './plan-login.ts'

/** What a login has settled, before its answer is recorded. */
export interface LoginFacts {
  readonly id: string
  readonly request: LoginPlan
  readonly client: Pick<LoginClient, 'clientId' | 'isRegistered' | 'managementUri'>
  readonly metadata: IssuerMetadata
  /** What was granted for the first audience, or without one. */
  readonly scope: readonly string[]
  /** Lifetime of the login's access token, as the issuer stated it. */
  readonly expiresInSeconds: number | undefined
  /** Whom the issuer named. */
  readonly subject: string | undefined
  /** Milliseconds since the epoch when the token request was answered. */
  readonly at: number
}

/**
 * A grant as a login leaves it. Only the first audience's scope is known yet.
 *
 * @see RFC 8707 §2
 */
export function newGrant(facts: LoginFacts): Grant {
  const { request, client, scope, subject, at } = facts
  const { managementUri } = client
  const audiences = request.audience ?? []
  return {
    id: facts.id,
    name: request.grant,
    clientId: client.clientId,
    ...(client.isRegistered && {
      registration: managementUri === undefined ? {} : { managementUri },
    }),
    metadata: facts.metadata,
    ...(subject !== undefined && { subject }),
    flow: request.flow,
    ...(request.preset !== undefined && { preset: request.preset }),
    scopeNarrowing: request.scope_narrowing ?? 'none',
    refreshInvalidatesAccessTokens: request.refresh_invalidates_access_tokens ?? false,
    ...(request.rotation_grace !== undefined && { rotationGraceSeconds: request.rotation_grace }),
    scopes: { [audiences[0] ?? '']: scope },
    audiences: audiences.slice(0, 1),
    generation: 1,
    state: { kind: 'active' },
    createdAt: at,
    accessTokensExpireAt: expiryOf(facts.expiresInSeconds, at),
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
