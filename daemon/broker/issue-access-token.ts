import { GrantdError, type TokenRequest, type TokenResponse } from '@grantd/client/protocol'
import type { AuditEntry } from '../audit/audit-record.ts'
import type { Permission } from '../consent/consent.ts'
import type { Grant } from '../grant/grant.ts'
import { formatScope } from '../grant/scope.ts'
import { withUse } from '../grant/used-by.ts'
import type { QuestionOfNow } from '../policy/current-policy.ts'
import type { Allowed } from '../policy/decision.ts'
import { narrowScope, type Target } from '../policy/narrow-scope.ts'
import { beyondCap } from '../policy/terms.ts'
import type { AccessToken } from '../token/access-token.ts'
import type { TokenKey } from '../token/cache-key.ts'
import { capLife, isFreshEnough, remainingSeconds } from '../token/remaining-life.ts'
import { policyQuestion } from './ask-policy.ts'
import { refuseOutlived } from './enforce-lifetime.ts'
import { exchangeToken } from './exchange-token.ts'
import { recordLifted } from './record-lifted.ts'
import { type ConsentMatter, requireConsent } from './require-consent.ts'
import { requireCurrent } from './require-current.ts'
import type { Caller, Rooms } from './rooms.ts'
import { selectGrant } from './select-grant.ts'
import { spendNewRates, spendRates } from './spend-rates.ts'
import { tokenKey } from './token-key.ts'

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
  rooms.requestRate.spend(caller, meantGrant(rooms, request))
  const entry: Entry = {
    event: 'token.denied',
    peer: caller.peer,
    ...(caller.held && { capability: caller.held.name }),
    // as it is: the same request again is the same object, and the same words on record
    request: request as NonNullable<AuditEntry['request']>,
  }
  try {
    rooms.requireConfig()
    const wanted = caller.held?.within(request) ?? request
    const grant = selectGrant(rooms.vault().list(), wanted)
    caller.held?.requireLogin(grant)
    entry.grant = grant.name
    entry.grantId = grant.id
    entry.issuer = grant.metadata.issuer
    const asked = narrowScope(grant, wanted)
    const { audience } = asked
    entry.scope = asked.scope
    entry.audience = audience
    const scope = wanted.scope === undefined ? undefined : asked.scope
    const question = await policyQuestion(rooms, caller, { grant, scope, audience })
    const before = allow(rooms, caller, question, entry)
    spendRates(rooms, caller, grant, before, entry)
    const target = narrowScope(grant, wanted, before.scopeCap)
    entry.scope = target.scope
    const matter = { grant, target, purpose: request.purpose }
    const permission = await askPerson(rooms, caller, matter, question, before, entry)
    refuseOutlived(rooms, grant)
    const token =
      cachedToken(rooms, grant, target, request, before) ??
      (await exchangeToken(rooms, caller, grant, target))
    // counted before it leaves: a crash in between costs a use and never gives one too many
    if (caller.held !== undefined) await caller.held.spend()
    // an exchange takes time: the rules, the grant and the process may have changed
    rooms.requireConfig()
    const current = requireCurrent(rooms, grant)
    refuseOutlived(rooms, current)
    caller.held?.requireOpen()
    const decision = allow(rooms, caller, { ...question, grant: current }, entry)
    // nobody said yes to a longer life than they were told
    const capped = capLife(capLife(token, before.maxLifetimeSeconds), decision.maxLifetimeSeconds)
    if (
      (decision.consent !== 'never' && permission?.stillStands(decision.consent) !== true) ||
      beyondCap(token.scope, decision.scopeCap).length > 0 ||
      (capped !== token && capped.expiresAt <= rooms.clock.now()) ||
      (before.offline && mustBeOnline(rooms, grant, decision))
    )
      throw new GrantdError('access_denied', 'what was allowed has changed meanwhile; ask again')
    if (!caller.isSameProcess())
      throw new GrantdError('unauthorized_peer', 'the process that asked is gone')
    spendNewRates(rooms, caller, grant, before, decision, entry)
    const answer = answerOf(grant, capped, rooms.clock.now())
    recordLifted(rooms, caller, grant, token, decision)
    entry.event = 'token.issued'
    if (decision.lifted !== undefined) entry.lifted = decision.lifted
    entry.scope = token.scope
    entry.token = token.mark
    entry.expiresInSeconds = answer.expires_in
    entry.generation = token.generation
    entry.rule = decision.rule
    const now = rooms.clock.now()
    rooms.uses.set(grant.id, now)
    const known = rooms.usedBy.get(grant.id) ?? []
    rooms.usedBy.set(grant.id, withUse(known, caller.peer.executable, now))
    rooms.renewals.handedOut(tokenKey(current, target), token, token.mark)
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

/** The id of the grant a request means; `undefined` when there is none, or none can be had. */
function meantGrant(rooms: Rooms, request: TokenRequest): string | undefined {
  try {
    return selectGrant(rooms.vault().list(), request).id
  } catch {
    return undefined // the walk says why, and that is counted too
  }
}

type Entry = { -readonly [K in keyof AuditEntry]: AuditEntry[K] }

/** What the rules say is on record, whatever comes of it. */
function allow(
  rooms: Rooms,
  { held, peer }: Caller,
  question: QuestionOfNow,
  entry: Entry,
): Allowed {
  // at this moment, and not when the request came
  const isGlassBroken = rooms.glass.reasonFor(question.grant.id, peer.class) !== undefined
  const decision = rooms.policy.decide(isGlassBroken ? { ...question, isGlassBroken } : question)
  entry.rule = decision.rule
  if (decision.kind === 'deny') throw new GrantdError(decision.code, decision.reason)
  if (decision.wouldDeny !== undefined) entry.wouldDeny = decision.wouldDeny
  // whatever the rules give, a capability gives no more than was put into it
  return held === undefined ? decision : held.narrow(decision)
}

/** @returns What a person allowed; `undefined` when nobody has to be asked. */
async function askPerson(
  rooms: Rooms,
  caller: Caller,
  matter: Pick<ConsentMatter, 'grant' | 'target' | 'purpose'>,
  question: QuestionOfNow,
  { consent, maxLifetimeSeconds }: Allowed,
  entry: Entry,
): Promise<Permission | undefined> {
  if (consent === 'never') return undefined
  const permission = await requireConsent(rooms, caller, {
    ...matter,
    wish: consent,
    maxLifetimeSeconds,
  })
  // a person takes time: nothing is sent to an issuer that is not allowed any more
  rooms.requireConfig()
  allow(rooms, caller, { ...question, grant: requireCurrent(rooms, matter.grant) }, entry)
  return permission
}

function cachedToken(
  rooms: Rooms,
  grant: Grant,
  target: Target,
  request: TokenRequest,
  { maxLifetimeSeconds, offline }: Allowed,
): AccessToken | undefined {
  const key = tokenKey(grant, target)
  if (request.rejected !== undefined) dropRejected(rooms, grant, key, request.rejected)
  // an exchange is tried, and says how it is
  if (mustBeOnline(rooms, grant, { offline })) return undefined
  const isShared = grant.refreshInvalidatesAccessTokens
  // nobody may end everybody else's token for a longer life of his own
  const minTtl = isShared ? 0 : (request.min_ttl ?? 0)
  const token = rooms.tokens.fresh(key, minTtl)
  if (token === undefined) return undefined
  // the caps may be newer than the token
  const capped = capLife(
    capLife(token, rooms.lifetimeOf(grant.name).accessTokenSeconds),
    maxLifetimeSeconds,
  )
  return isFreshEnough(capped, rooms.clock.now(), minTtl) ? capped : undefined
}

/** True while no cached token may leave, as the last attempt to reach the issuer failed. */
function mustBeOnline(rooms: Rooms, grant: Grant, { offline }: Pick<Allowed, 'offline'>): boolean {
  return !offline && rooms.backOff.lastReason(grant.id) !== undefined
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

function answerOf(grant: Grant, token: AccessToken, now: number): TokenResponse {
  return {
    access_token: token.value,
    token_type: token.tokenType,
    expires_in: remainingSeconds(token, now),
    scope: formatScope(token.scope),
    ...(token.audience !== undefined && { audience: token.audience }),
    grant: grant.name,
    generation: token.generation,
  }
}
