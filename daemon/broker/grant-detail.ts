import type {
  GrantDetail,
  GrantStateName,
  GrantSummary,
  RevocationFacts,
} from '@grantd/client/protocol'
import type { Grant, GrantState } from '../grant/grant.ts'
import { formatScope } from '../grant/scope.ts'
import { MAX_ATTEMPTS } from '../grant/transition.ts'
import { suspicion } from '../refresh/obstacle.ts'

/** What any caller may know of a grant. */
export function grantSummary(grant: Grant): GrantSummary {
  return { grant: grant.name, state: stateName(grant.state) }
}

/**
 * What the owner may know of a grant.
 *
 * @param lastUsedAt Newer than what the record knows; milliseconds since the epoch.
 * @param now Tokens that are over by then are not worth a warning.
 */
export function grantDetail(
  grant: Grant,
  lastUsedAt: number | undefined,
  now: number,
): GrantDetail {
  const { state } = grant
  const used = lastUsedAt ?? grant.lastUsedAt
  const reason = reasonOf(grant)
  const residual = residualUntil(grant, now)
  return {
    ...grantSummary(grant),
    issuer: grant.metadata.issuer,
    client_id: grant.clientId,
    ...(grant.subject !== undefined && { subject: grant.subject }),
    flow: grant.flow,
    ...(grant.preset !== undefined && {
      preset: grant.preset.name,
      preset_values: grant.preset.values,
    }),
    scopes: Object.fromEntries(
      Object.entries(grant.scopes).map(([audience, scope]) => [audience, formatScope(scope)]),
    ),
    audiences: grant.audiences,
    scope_narrowing: grant.scopeNarrowing,
    ...(grant.rotationGraceSeconds !== undefined && {
      rotation_grace: grant.rotationGraceSeconds,
    }),
    ...(grant.refreshInvalidatesAccessTokens && {
      refresh_invalidates_access_tokens: true as const,
    }),
    generation: grant.generation,
    created_at: timestamp(grant.createdAt),
    ...(used !== undefined && { last_used_at: timestamp(used) }),
    ...(grant.lastRefreshedAt !== undefined && {
      last_refreshed_at: timestamp(grant.lastRefreshedAt),
    }),
    ...(reason !== undefined && { reason }),
    ...revocationFacts(state),
    ...(residual !== undefined && state.kind === 'revoked' && { residual_until: residual }),
  }
}

/**
 * What became of a revocation. It is verified only where all that is known of the grant
 * has ended: not while something is queued, nor after an answer was lost.
 */
export function revocationFacts(state: GrantState): RevocationFacts {
  const none = { revoked: 0, unsupported: 0, failed: 0 }
  if (state.kind !== 'revoked') return { revocation: 'none', verified: false, access_tokens: none }
  const { revocation, report } = state
  const { problem, nextAttemptAt } = report ?? {}
  return {
    revocation,
    verified: revocation === 'revoked_at_issuer' && report?.isVerified === true,
    access_tokens: report?.accessTokens ?? none,
    ...(report?.client !== undefined && { registered_client: report.client }),
    ...(problem !== undefined && { revocation_problem: problem }),
    ...(revocation === 'queued' &&
      nextAttemptAt !== undefined && { next_attempt_at: timestamp(nextAttemptAt) }),
  }
}

/** A lost answer may have held an access token of any life; hardly an issuer gives more than this. */
const USUAL_TOKEN_SECONDS = 3_600

/**
 * RFC 3339 time until which tokens already handed out can still work; `undefined` when
 * none can. A grant that was revoked while an answer was missing is taken to have a token
 * that nobody here has seen.
 */
export function residualUntil(grant: Grant, now: number): string | undefined {
  const { state } = grant
  const unseen =
    state.kind === 'revoked' && state.intent !== undefined
      ? state.at + USUAL_TOKEN_SECONDS * 1000
      : 0
  const end = Math.max(grant.accessTokensExpireAt, unseen)
  return end > now ? timestamp(end) : undefined
}

function stateName(state: GrantState): GrantStateName {
  if (state.kind === 'refreshing') return 'active'
  if (state.kind === 'in_doubt' && state.intent.attempt >= MAX_ATTEMPTS) return 'login_required'
  return state.kind
}

function reasonOf({ state, ...grant }: Grant): string | undefined {
  if (state.kind === 'login_required') return state.reason
  if (state.kind === 'in_doubt') return 'the answer to a refresh was lost'
  return state.kind === 'revoked' ? state.reason : suspicion(grant)
}

function timestamp(ms: number): string {
  return new Date(ms).toISOString()
}
