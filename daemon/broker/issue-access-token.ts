import { GrantdError, type TokenRequest, type TokenResponse } from '@grantd/client/protocol'
import type { AuditEntry } from '../audit/audit-record.ts'
import { tokenHashPrefix } from '../base/token-hash.ts'
import type { Grant } from '../grant/grant.ts'
import { formatScope } from '../grant/scope.ts'
import type { Decision } from '../policy/decide.ts'
import { narrowScope, type Target } from '../policy/narrow-scope.ts'
import type { AccessToken } from '../token/access-token.ts'
import type { TokenKey } from '../token/cache-key.ts'
import { capLife, isFreshEnough, remainingSeconds } from '../token/remaining-life.ts'
import { refuseOutlived } from './enforce-lifetime.ts'
import { exchangeToken } from './exchange-token.ts'
import type { Caller, Rooms } from './rooms.ts'
import { selectGrant } from './select-grant.ts'
import { loginHint, tokenKey } from './token-key.ts'

/**
 * The walk of one request, and nothing else decides: policy, cache, one exchange,
 * policy again, the same process still, the record, the answer.
 *
 * @throws GrantdError every code of a token request; the denial is on record by then
 */
export async function issueAccessToken(
  rooms: Rooms,
  caller: Caller,
  request: TokenRequest,
): Promise<TokenResponse> {
  const entry: { -readonly [K in keyof AuditEntry]: AuditEntry[K] } = {
    event: 'token.denied',
    peer: caller.peer,
    request: { ...request },
  }
  try {
    rooms.requireConfig()
    const grant = selectGrant(rooms.vault().list(), request)
    Object.assign(entry, { grant: grant.name, grantId: grant.id, issuer: grant.metadata.issuer })
    const target = narrowScope(grant, request)
    Object.assign(entry, { scope: target.scope, audience: target.audience })
    const before = await permit(rooms, caller, grant, target, request.purpose)
    refuseOutlived(rooms, grant)
    const token =
      cachedToken(rooms, grant, target, request) ??
      (await exchangeToken(rooms, caller, grant, target))
    // an exchange takes time: the rules, the grant and the process may have changed
    rooms.requireConfig()
    const current = selectGrant(rooms.vault().list(), { grant: grant.name })
    if (current.id !== grant.id || current.state.kind === 'revoked')
      throw new GrantdError(
        'login_required',
        `"${grant.name}" was revoked meanwhile`,
        loginHint(grant),
      )
    refuseOutlived(rooms, current)
    const decision = allow(rooms, caller, current, target)
    if (decision.consent !== before.consent)
      throw new GrantdError('access_denied', 'the rules changed meanwhile; ask again')
    if (!caller.isSameProcess())
      throw new GrantdError('unauthorized_peer', 'the process that asked is gone')
    const answer = answerOf(grant, token, decision, rooms.clock.now())
    Object.assign(entry, {
      event: 'token.issued',
      scope: token.scope,
      token: tokenHashPrefix(token.value),
      expiresInSeconds: answer.expires_in,
      generation: token.generation,
      rule: decision.rule,
    })
    rooms.uses.set(grant.id, rooms.clock.now())
    rooms.renewals.handedOut(tokenKey(current, target), token, tokenHashPrefix(token.value))
    rooms.idle.end()
    return answer
  } catch (error) {
    entry.reason = error instanceof GrantdError ? error.code : 'internal_error'
    entry.ancestors = caller.inquiry.ancestors()
    throw error
  } finally {
    // no record, no token: a failure here replaces the answer
    rooms.audit.append(entry)
  }
}

type Allowed = Extract<Decision, { kind: 'allow' }>

function allow(rooms: Rooms, caller: Caller, grant: Grant, target: Target): Allowed {
  const { peer, listener } = caller
  const decision = rooms.decide({
    peer,
    listener,
    grant,
    scope: target.scope,
    audience: target.audience,
  })
  if (decision.kind === 'deny') throw new GrantdError(decision.code, decision.reason)
  return decision
}

async function permit(
  rooms: Rooms,
  caller: Caller,
  grant: Grant,
  target: Target,
  purpose: string | undefined,
): Promise<Allowed> {
  const decision = allow(rooms, caller, grant, target)
  if (decision.consent === 'never') return decision
  const { scope, audience } = target
  const answer = await rooms.consent.ask({
    peer: caller.peer,
    grant: grant.name,
    scope,
    audience,
    purpose,
  })
  if (answer === 'denied')
    throw new GrantdError('consent_denied', 'the person at the prompt said no')
  if (answer === 'unavailable')
    throw new GrantdError('consent_unavailable', 'no prompt can be shown')
  return decision
}

function cachedToken(
  rooms: Rooms,
  grant: Grant,
  target: Target,
  request: TokenRequest,
): AccessToken | undefined {
  const key = tokenKey(grant, target)
  if (request.rejected !== undefined) dropRejected(rooms, grant, key, request.rejected)
  const isShared = grant.refreshInvalidatesAccessTokens
  // nobody may end everybody else's token for a longer life of his own
  const minTtl = isShared ? 0 : (request.min_ttl ?? 0)
  const token = rooms.tokens.fresh(key, minTtl)
  if (token === undefined) return undefined
  // the cap may be newer than the token
  const capped = capLife(token, rooms.lifetimeOf(grant.name).accessTokenSeconds)
  return isFreshEnough(capped, rooms.clock.now(), minTtl) ? capped : undefined
}

/** A refused token is dropped, so that an exchange follows; but not as often as a caller likes. */
function dropRejected(rooms: Rooms, grant: Grant, key: TokenKey, hash: string): void {
  const now = rooms.clock.monotonic()
  const wait = rooms.rejectedFloor.waitSeconds(grant.id, now)
  if (wait > 0 && rooms.tokens.holds(key, hash))
    throw new GrantdError('rate_limited', `tokens of "${grant.name}" are rejected too often`, {
      retryAfterSeconds: wait,
    })
  if (rooms.tokens.drop(key, hash)) rooms.rejectedFloor.mark(grant.id, now)
}

function answerOf(grant: Grant, token: AccessToken, decision: Allowed, now: number): TokenResponse {
  const life = remainingSeconds(token, now)
  return {
    access_token: token.value,
    token_type: token.tokenType,
    expires_in: Math.min(life, decision.maxLifetimeSeconds ?? life),
    scope: formatScope(token.scope),
    ...(token.audience !== undefined && { audience: token.audience }),
    grant: grant.name,
    generation: token.generation,
  }
}
