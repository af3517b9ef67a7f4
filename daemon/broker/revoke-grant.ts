import { GrantdError, type RevokeResponse } from '@grantd/client/protocol'
import type { Secret } from '../base/secret.ts'
import type { Grant, RevocationReport } from '../grant/grant.ts'
import { wipeRecord } from '../grant/grant-record.ts'
import type { AccessToken } from '../token/access-token.ts'
import type { Vault } from '../vault/vault.ts'
import { clientUse } from './client-use.ts'
import { endRecord, type LocalEnd } from './end-record.ts'
import { forgetTraces } from './forget-grant.ts'
import { residualUntil, revocationFacts } from './grant-detail.ts'
import type { Caller, Rooms } from './rooms.ts'
import { selectGrant } from './select-grant.ts'
import { settleRevocation } from './settle-revocation.ts'
import { type Told, tellIssuer } from './tell-issuer.ts'

/**
 * Ends a grant: here and durably before the first byte to the issuer, then there. An
 * audit log that cannot be written stops neither, and is told at the end.
 *
 * @throws GrantdError `unknown_grant`, `vault_locked`, `audit_unavailable`
 * @see RFC 7009
 */
export async function revokeGrant(
  rooms: Rooms,
  caller: Caller,
  name: string,
): Promise<RevokeResponse> {
  const { id } = selectGrant(rooms.vault().list(), { grant: name })
  return revokeResponse(await endEverywhere(rooms, caller, id), rooms.clock.now())
}

/** What is told of a grant that has ended here. */
export function revokeResponse(grant: Grant, now: number): RevokeResponse {
  const residual = residualUntil(grant, now)
  return {
    grant: grant.name,
    ...revocationFacts(grant.state),
    ...(residual !== undefined && { residual_until: residual }),
  }
}

async function endEverywhere(rooms: Rooms, caller: Caller, id: string): Promise<Grant> {
  const unrecorded = await endLocally(rooms, caller, id).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (unrecorded !== undefined && !isUnrecorded(unrecorded)) throw unrecorded
  const grant = await endAtIssuer(rooms, id)
  if (unrecorded !== undefined) throw unrecorded
  return grant
}

/** True when something was done, and only its line in the audit log is missing. */
export function isUnrecorded(error: unknown): boolean {
  return error instanceof GrantdError && error.code === 'audit_unavailable'
}

/**
 * From here on no token of the grant leaves, whatever happens at the issuer. Access
 * tokens that may still work are sealed into the record, so that a restart does not
 * forget whom the issuer has still to hear about.
 *
 * @param caller Who asked for it; `undefined` when the daemon itself tidies up.
 * @param reason Why the grant is over, when nobody asked for it but its age.
 * @throws GrantdError `vault_locked`; `audit_unavailable`, and then it has ended all the same
 */
export async function endLocally(
  rooms: Rooms,
  caller: Caller | undefined,
  id: string,
  reason?: string,
): Promise<void> {
  const vault = rooms.vault()
  const end = { at: rooms.clock.now(), lastUsedAt: rooms.uses.get(id), reason }
  const ended = (async () => {
    const grant = await changeEnded(vault, id, rooms.tokens.takeGrant(id), end)
    // once more: an exchange that landed during the write may have left a token
    const late = rooms.tokens.takeGrant(id)
    return late.length === 0 ? grant : await changeEnded(vault, id, late, end)
  })()
  const grant = await ended.finally(() => forgetTraces(rooms, id))
  await rooms.audit.appendDurably({
    event: reason === undefined ? 'grant.revoked' : 'grant.expired',
    ...(reason !== undefined && { reason }),
    ...(caller && { peer: caller.peer }),
    grant: grant.name,
    grantId: id,
    issuer: grant.metadata.issuer,
    generation: grant.generation,
  })
}

async function changeEnded(
  vault: Vault,
  id: string,
  tokens: readonly AccessToken[],
  end: LocalEnd,
): Promise<Grant> {
  let packed: Secret | undefined
  try {
    return await vault.change(id, (record) => {
      const ended = endRecord(record, tokens, end)
      packed = ended.accessTokens
      return ended
    })
  } finally {
    packed?.wipe()
  }
}

/**
 * Tells the issuer, once an exchange under way has brought its successor: the newest
 * refresh token is the one to revoke. What does not get through stays queued, and the
 * pause before the next attempt grows. Whoever asks while an attempt is under way gets
 * its end.
 *
 * @throws GrantdError `unknown_grant`, `vault_locked`, `audit_unavailable`
 */
export async function endAtIssuer(rooms: Rooms, id: string): Promise<Grant> {
  const running =
    rooms.endings.get(id) ?? tryToEnd(rooms, id).finally(() => rooms.endings.delete(id))
  rooms.endings.set(id, running)
  return await running
}

async function tryToEnd(rooms: Rooms, id: string): Promise<Grant> {
  const vault = rooms.vault()
  await rooms.flights.idle(id)
  const before = vault.get(id)
  if (before === undefined) throw new GrantdError('unknown_grant', 'the grant is gone')
  if (before.state.kind !== 'revoked' || before.state.revocation !== 'queued') return before
  const record = vault.open(id)
  let told: Told
  try {
    told = await tellIssuer(rooms.issuers, record, rooms.clock.now(), () =>
      clientUse(vault.list(), before),
    )
  } finally {
    wipeRecord(record)
  }
  let packed: Secret | undefined
  const grant = await vault
    .change(id, (current) => {
      const settled = settleRevocation(current, told, rooms.clock.now(), rooms.random())
      packed = settled.accessTokens
      return settled
    })
    .finally(() => packed?.wipe())
  await recordAttempt(rooms, before.state.report, grant)
  return grant
}

/** A failure is on record when it is news: the same one every hour would fill the log. */
async function recordAttempt(
  rooms: Rooms,
  before: RevocationReport | undefined,
  grant: Grant,
): Promise<void> {
  const { state } = grant
  if (state.kind !== 'revoked') return
  const facts = { grant: grant.name, grantId: grant.id, issuer: grant.metadata.issuer }
  const { problem } = state.report ?? {}
  if (state.revocation !== 'queued') {
    const { verified } = revocationFacts(state)
    await rooms.audit.appendDurably({
      event: 'grant.revocation_finished',
      reason: state.revocation,
      verified,
      ...facts,
    })
  } else if (problem !== undefined && problem !== before?.problem) {
    await rooms.audit.appendDurably({
      event: 'grant.revocation_failed',
      reason: problem,
      ...facts,
    })
  }
}
