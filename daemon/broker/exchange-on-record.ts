import { GrantdError } from '@grantd/client/protocol'
import type { AuditEntry } from '../audit/audit-record.ts'
import type { Grant } from '../grant/grant.ts'
import type { RefreshAsk } from '../refresh/check-answer.ts'
import type { RefreshOutcome } from '../refresh/outcome.ts'
import { refreshGrant } from '../refresh/refresh-grant.ts'
import type { AccessToken } from '../token/access-token.ts'
import { capLife } from '../token/remaining-life.ts'
import type { Vault } from '../vault/vault.ts'
import type { Caller, Rooms } from './rooms.ts'
import { tokenKey } from './token-key.ts'

/**
 * One exchange between two lines of the audit log. The first is durable before anything
 * is sent, so that a log that is full costs no rotation; the token is in the cache before
 * the second, so that a log that fills up meanwhile costs none either. Where nothing was
 * sent there is no line: the refusal of the request is on record anyway.
 *
 * @param caller Who asked first; `undefined` when the daemon itself renews a token.
 * @throws GrantdError `audit_unavailable`, `vault_locked`
 */
export async function exchangeOnRecord(
  rooms: Rooms,
  caller: Caller | undefined,
  grantId: string,
  ask: RefreshAsk,
): Promise<RefreshOutcome> {
  const vault = rooms.vault()
  const { audit } = rooms
  let isAnnounced = false
  const announce = async (): Promise<void> => {
    await audit.appendDurably({
      event: 'grant.refresh_begun',
      // the issuer may take it for theft: whoever reads both logs must find it
      ...(vault.get(grantId)?.state.kind === 'in_doubt' && { reason: 'retry_in_doubt' }),
      ...facts(vault, caller, grantId, ask),
    })
    isAnnounced = true
  }
  let outcome: RefreshOutcome
  try {
    outcome = capped(
      await refreshGrant({ ...rooms, vault }, grantId, ask, announce),
      rooms.lifetimeOf(vault.get(grantId)?.name ?? '').accessTokenSeconds,
    )
  } catch (error) {
    const reason = error instanceof GrantdError ? error.code : 'internal_error'
    await audit
      .appendDurably({
        event: 'grant.refresh_failed',
        reason,
        ...facts(vault, caller, grantId, ask),
      })
      .catch(() => undefined) // the first error counts
    throw error
  }
  if (outcome.kind === 'permanent' && outcome.code === 'login_required')
    if (vault.get(grantId)?.state.kind !== 'active') rooms.tokens.dropGrant(grantId)
  // the issuer may have ended the token that callers share, before its answer got lost
  if (outcome.kind === 'in_doubt' && vault.get(grantId)?.refreshInvalidatesAccessTokens === true)
    rooms.tokens.dropGrant(grantId)
  if ('token' in outcome) keep(rooms, vault.get(grantId), ask, outcome.token)
  if (isAnnounced)
    await audit.appendDurably({
      event: 'token' in outcome ? 'grant.refreshed' : 'grant.refresh_failed',
      reason: reasonOf(outcome),
      ...facts(vault, caller, grantId, ask),
    })
  return outcome
}

function capped(outcome: RefreshOutcome, seconds: number | undefined): RefreshOutcome {
  return 'token' in outcome ? { ...outcome, token: capLife(outcome.token, seconds) } : outcome
}

/** In our own words: what an issuer wrote is in none of them. */
function reasonOf(outcome: RefreshOutcome): string {
  return 'detail' in outcome ? `${outcome.kind}: ${outcome.detail}` : outcome.kind
}

/** A grant that was revoked meanwhile keeps no token. */
function keep(rooms: Rooms, grant: Grant | undefined, ask: RefreshAsk, token: AccessToken): void {
  if (grant?.state.kind !== 'active') return
  const scope = ask.scope ?? token.scope
  rooms.tokens.keep(tokenKey(grant, { audience: ask.audience, scope }), token)
}

function facts(
  vault: Vault,
  caller: Caller | undefined,
  grantId: string,
  ask: RefreshAsk,
): Omit<AuditEntry, 'event'> {
  const grant = vault.get(grantId)
  return {
    ...(caller && { peer: caller.peer }),
    grantId,
    ...(grant && {
      grant: grant.name,
      issuer: grant.metadata.issuer,
      generation: grant.generation,
    }),
    ...(ask.scope && { scope: ask.scope }),
    audience: ask.audience,
  }
}
