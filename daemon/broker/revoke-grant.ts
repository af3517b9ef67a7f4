import { GrantdError, type RevocationState, type RevokeResponse } from '@grantd/client/protocol'
import type { Grant } from '../grant/grant.ts'
import { type GrantRecord, wipeRecord } from '../grant/grant-record.ts'
import { transition } from '../grant/transition.ts'
import type { RevocationAnswer } from '../issuer/issuer.ts'
import type { Pauses } from '../refresh/back-off.ts'
import { forgetTraces } from './forget-grant.ts'
import { residualUntil } from './grant-detail.ts'
import type { Caller, Rooms } from './rooms.ts'
import { selectGrant } from './select-grant.ts'

/**
 * First pause before an issuer that could not be reached hears of a revocation again;
 * after hours of failures once an hour is enough for a token that is dead here.
 */
const REVOCATION_PAUSES: Pauses = { firstSeconds: 60, mostSeconds: 3_600, jitter: 0.25 }

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
  const grant = await endEverywhere(rooms, caller, id)
  const residual = residualUntil(grant, rooms.clock.now())
  return {
    grant: name,
    revocation: grant.state.kind === 'revoked' ? grant.state.revocation : 'none',
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
 * From here on no token of the grant leaves, whatever happens at the issuer.
 *
 * @param caller Who asked for it; `undefined` when the daemon itself tidies up.
 * @throws GrantdError `vault_locked`; `audit_unavailable`, and then it has ended all the same
 */
export async function endLocally(
  rooms: Rooms,
  caller: Caller | undefined,
  id: string,
): Promise<void> {
  const vault = rooms.vault()
  const lastUsedAt = rooms.uses.get(id)
  rooms.tokens.dropGrant(id)
  const ended = vault.change(id, (record) => {
    if (record.grant.state.kind === 'revoked') return record
    const revocation: RevocationState = record.refreshToken === undefined ? 'none' : 'queued'
    const at = rooms.clock.now()
    const grant = transition(record.grant, { kind: 'revoked', at, revocation })
    return { ...record, grant: { ...grant, ...(lastUsedAt !== undefined && { lastUsedAt }) } }
  })
  // once more: an exchange that landed during the write may have left a token
  const grant = await ended.finally(() => forgetTraces(rooms, id))
  await rooms.audit.appendDurably({
    event: 'grant.revoked',
    ...(caller && { peer: caller.peer }),
    grant: grant.name,
    grantId: id,
    issuer: grant.metadata.issuer,
    generation: grant.generation,
  })
}

/**
 * Tells the issuer, once an exchange under way has brought its successor: the newest
 * refresh token is the one to revoke. What does not get through stays queued, and the
 * pause before the next attempt grows.
 *
 * @throws GrantdError `unknown_grant`, `vault_locked`, `audit_unavailable`
 */
export async function endAtIssuer(rooms: Rooms, id: string): Promise<Grant> {
  const vault = rooms.vault()
  await rooms.flights.idle(id)
  const before = vault.get(id)
  if (before === undefined) throw new GrantdError('unknown_grant', 'the grant is gone')
  if (before.state.kind !== 'revoked' || before.state.revocation !== 'queued') return before
  const record = vault.open(id)
  let answer: RevocationAnswer
  try {
    answer = await askIssuer(rooms, record)
  } finally {
    wipeRecord(record)
  }
  const facts = { grant: before.name, grantId: id, issuer: before.metadata.issuer }
  if (answer.kind === 'failed') {
    const { reason } = answer
    const isNews = rooms.revocationBackOff.lastReason(id) !== reason
    rooms.revocationBackOff.failed(id, reason, REVOCATION_PAUSES)
    if (isNews)
      await rooms.audit.appendDurably({ event: 'grant.revocation_failed', reason, ...facts })
    return before
  }
  rooms.revocationBackOff.clear(id)
  const { kind } = answer
  const grant = await vault.change(id, (current) => finished(current, kind, rooms.clock.now()))
  await rooms.audit.appendDurably({
    event: 'grant.revocation_finished',
    reason: grant.state.kind === 'revoked' ? grant.state.revocation : kind,
    ...facts,
  })
  return grant
}

async function askIssuer(rooms: Rooms, record: GrantRecord): Promise<RevocationAnswer> {
  const { grant, refreshToken, clientSecret } = record
  if (refreshToken === undefined) return { kind: 'revoked' }
  const client = {
    clientId: grant.clientId,
    metadata: grant.metadata,
    ...(clientSecret && { clientSecret }),
  }
  return await rooms.issuers.revoke(client, refreshToken)
}

/** A tombstone keeps the facts; the secrets go, since nobody needs them for a retry. */
function finished(
  { grant }: GrantRecord,
  answer: 'revoked' | 'unsupported',
  at: number,
): GrantRecord {
  const { state } = grant
  const isUncertain = state.kind === 'revoked' && state.intent !== undefined
  const accepted: RevocationState = isUncertain ? 'uncertain' : 'revoked_at_issuer'
  const revocation = answer === 'revoked' ? accepted : 'unsupported'
  return { grant: transition(grant, { kind: 'revoked', at, revocation }) }
}
