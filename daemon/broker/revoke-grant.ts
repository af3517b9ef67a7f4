import { GrantdError, type RevocationState, type RevokeResponse } from '@grantd/client/protocol'
import type { Grant } from '../grant/grant.ts'
import { type GrantRecord, wipeRecord } from '../grant/grant-record.ts'
import { transition } from '../grant/transition.ts'
import type { RevocationAnswer } from '../issuer/issuer.ts'
import { residualUntil } from './grant-detail.ts'
import type { Caller, Rooms } from './rooms.ts'
import { selectGrant } from './select-grant.ts'

/**
 * Ends a grant: here and durably before the first byte to the issuer, then there.
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
  await endLocally(rooms, caller, id)
  const grant = await endAtIssuer(rooms, id)
  const residual = residualUntil(grant, rooms.clock.now())
  return {
    grant: name,
    revocation: grant.state.kind === 'revoked' ? grant.state.revocation : 'none',
    ...(residual !== undefined && { residual_until: residual }),
  }
}

/**
 * From here on no token of the grant leaves, whatever happens at the issuer.
 *
 * @param caller Who asked for it; `undefined` when the daemon itself tidies up.
 */
export async function endLocally(
  rooms: Rooms,
  caller: Caller | undefined,
  id: string,
): Promise<void> {
  const vault = rooms.vault()
  rooms.tokens.dropGrant(id)
  const grant = await vault.change(id, (record) => {
    if (record.grant.state.kind === 'revoked') return record
    const revocation: RevocationState = record.refreshToken === undefined ? 'none' : 'queued'
    const at = rooms.clock.now()
    return { ...record, grant: transition(record.grant, { kind: 'revoked', at, revocation }) }
  })
  rooms.rejectedFloor.forget(id)
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
 * refresh token is the one to revoke. What does not get through stays queued.
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
  const grant = await vault.change(id, (current) => finished(current, answer, rooms.clock.now()))
  await rooms.audit.appendDurably({
    event: 'grant.revocation_finished',
    grant: grant.name,
    grantId: id,
    issuer: grant.metadata.issuer,
    reason: answer.kind,
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

/** A tombstone keeps the facts; the secrets go as soon as nobody needs them for a retry. */
function finished(record: GrantRecord, answer: RevocationAnswer, at: number): GrantRecord {
  if (answer.kind === 'failed') return record
  const revocation: RevocationState =
    answer.kind === 'revoked' ? 'revoked_at_issuer' : 'unsupported'
  return { grant: transition(record.grant, { kind: 'revoked', at, revocation }) }
}
