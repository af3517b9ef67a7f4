import type { GrantRecord } from '../grant/grant-record.ts'
import { type GrantEvent, transition } from '../grant/transition.ts'
import type { IssuerFailure } from '../issuer/issuer.ts'
import type { Vault } from '../vault/vault.ts'
import type { BackOff, Pauses } from './back-off.ts'
import { clientKey, requestKey } from './client-key.ts'
import { doubtSeconds } from './doubt.ts'
import { stateObstacle, suspicion } from './obstacle.ts'
import type { RefreshOutcome } from './outcome.ts'
import {
  BARE_PAUSES,
  CLIENT_PAUSES,
  exactly,
  NOT_SENT_PAUSES,
  REFUSED_PAUSES,
  SPOILT_PAUSES,
  UNTRUSTED_PAUSES,
  UNUSABLE_PAUSES,
} from './pauses.ts'

/** Told to whoever got a rotation without a usable access token; each attempt costs another one. */
const SPOILT_SECONDS = 5

/** What settling a failure needs. */
export interface FailureRooms {
  readonly vault: Vault
  readonly backOff: BackOff
}

/**
 * Every failure of the issuer has one effect on the grant, one on the pause before the
 * next exchange, and one outcome. A failure after the successor was kept costs the
 * access token alone.
 *
 * @param audience What the exchange was for.
 */
export async function settleFailure(
  rooms: FailureRooms,
  grantId: string,
  used: GrantRecord,
  failure: IssuerFailure,
  audience?: string,
): Promise<RefreshOutcome> {
  const { vault } = rooms
  const { generation } = used.grant
  if (saysTheGrantIsLost(failure) && hasRotated(vault, grantId, used)) {
    const detail = reasonOf(failure)
    const paused = rooms.backOff.failed(grantId, detail, SPOILT_PAUSES)
    return { kind: 'transient', detail, retryAfterSeconds: Math.max(paused, SPOILT_SECONDS) }
  }
  // a word of the standards: the token endpoint itself has answered
  if ('code' in failure) rooms.backOff.clear(grantId)
  switch (failure.kind) {
    case 'not_sent':
      await endExchange(vault, grantId, { kind: 'not_sent', generation })
      return pause(rooms, grantId, failure.reason, NOT_SENT_PAUSES)
    case 'untrusted':
      await endExchange(vault, grantId, { kind: 'not_sent', generation })
      return pause(rooms, grantId, failure.reason, UNTRUSTED_PAUSES)
    case 'refused_bare':
      return await suspect(rooms, grantId, used, failure.reason)
    case 'unusable':
      await endExchange(vault, grantId, { kind: 'not_sent', generation })
      return pause(rooms, grantId, failure.reason, unusablePauses(rooms, used, failure))
    case 'retry_later':
      await endExchange(vault, grantId, { kind: 'not_sent', generation })
      return pause(rooms, grantId, 'the issuer asked to wait', exactly(failure.retryAfterSeconds))
    case 'in_doubt': {
      await loseAnswer(vault, grantId)
      const { reason, retryAfterSeconds = 0 } = failure
      const own = Math.ceil(doubtSeconds(used.grant))
      const asked =
        retryAfterSeconds > own
          ? rooms.backOff.failed(grantId, reason, exactly(retryAfterSeconds))
          : own
      return { kind: 'in_doubt', detail: reason, retryAfterSeconds: asked }
    }
    case 'grant_dead':
      await bury(vault, grantId, used, `the issuer answered "${failure.code}"`)
      return {
        kind: 'permanent',
        code: 'login_required',
        detail: `the issuer answered "${failure.code}"`,
      }
    case 'step_up':
      await endExchange(vault, grantId, { kind: 'refused', generation })
      return {
        kind: 'permanent',
        code: 'step_up_required',
        detail: `the issuer answered "${failure.code}"`,
      }
    case 'client_broken': {
      await endExchange(vault, grantId, { kind: 'refused', generation })
      const detail = `the issuer refuses the client: "${failure.code}"`
      rooms.backOff.failed(clientKey(used.grant, used.clientSecret), detail, CLIENT_PAUSES)
      return { kind: 'permanent', code: 'issuer_rejected', detail }
    }
    case 'request_wrong': {
      await endExchange(vault, grantId, { kind: 'refused', generation })
      const code = wrongRequest(failure.code)
      const detail = `the issuer answered "${failure.code}"`
      if (code === 'issuer_rejected')
        rooms.backOff.failed(requestKey(grantId, audience), detail, REFUSED_PAUSES)
      return { kind: 'permanent', code, detail }
    }
    default:
      return failure satisfies never
  }
}

function pause(
  { backOff }: FailureRooms,
  grantId: string,
  reason: string,
  pauses: Pauses,
): RefreshOutcome {
  const retryAfterSeconds = backOff.failed(grantId, reason, pauses)
  return { kind: 'transient', detail: reason, retryAfterSeconds }
}

/**
 * An error page may hide a rotation. So where the issuer is known to repeat its answers the
 * first pause ends while it still does.
 */
function unusablePauses(
  { backOff }: FailureRooms,
  { grant }: GrantRecord,
  { retryAfterSeconds }: Extract<IssuerFailure, { kind: 'unusable' }>,
): Pauses {
  if (retryAfterSeconds !== undefined) return exactly(retryAfterSeconds)
  const inTime = doubtSeconds(grant)
  const isFirst = backOff.lastReason(grant.id) === undefined
  return isFirst && inTime < UNUSABLE_PAUSES.firstSeconds ? exactly(inTime) : UNUSABLE_PAUSES
}

/**
 * A refusal without a word, which is how some issuers say that a refresh token is dead and
 * others that they are broken. The token is kept; after three only a login is known to help.
 */
async function suspect(
  rooms: FailureRooms,
  grantId: string,
  used: GrantRecord,
  reason: string,
): Promise<RefreshOutcome> {
  const { vault, backOff } = rooms
  await endExchange(vault, grantId, { kind: 'refused_bare', generation: used.grant.generation })
  const retryAfterSeconds = backOff.failed(grantId, reason, BARE_PAUSES)
  // the retry of a lost answer was the last one
  const over = stateObstacle(vault.get(grantId), 0)
  if (over?.kind === 'permanent') return over
  const why = suspicion(vault.get(grantId) ?? used.grant)
  if (why !== undefined) return { kind: 'permanent', code: 'login_required', detail: why }
  return { kind: 'transient', detail: reason, retryAfterSeconds }
}

type Loss = Extract<
  IssuerFailure,
  { kind: 'in_doubt' | 'unusable' | 'refused_bare' | 'grant_dead' }
>

function saysTheGrantIsLost(failure: IssuerFailure): failure is Loss {
  return ['in_doubt', 'unusable', 'refused_bare', 'grant_dead'].includes(failure.kind)
}

function reasonOf(failure: Loss): string {
  return failure.kind === 'grant_dead' ? `the issuer answered "${failure.code}"` : failure.reason
}

/** True when the successor was kept before the answer turned out to be of no use. */
function hasRotated(vault: Vault, grantId: string, used: GrantRecord): boolean {
  const grant = vault.get(grantId)
  return grant !== undefined && grant.generation > used.grant.generation
}

function wrongRequest(code: string): 'invalid_scope' | 'invalid_target' | 'issuer_rejected' {
  return code === 'invalid_scope' || code === 'invalid_target' ? code : 'issuer_rejected'
}

/** Writes what one event makes of a grant. */
export async function applyEvent(vault: Vault, grantId: string, event: GrantEvent): Promise<void> {
  await vault.change(grantId, (record) => ({ ...record, grant: transition(record.grant, event) }))
}

/**
 * Ends an exchange, unless its successor was kept: then it is over, whatever the answer
 * said. A grant revoked meanwhile learns that nothing of this attempt is missing.
 */
export async function endExchange(vault: Vault, grantId: string, event: GrantEvent): Promise<void> {
  const state = vault.get(grantId)?.state
  if (state === undefined || !('intent' in state) || state.kind === 'in_doubt') return
  await applyEvent(vault, grantId, event)
}

/** An exchange without a known end; when the successor was kept there is nothing to doubt. */
export async function loseAnswer(vault: Vault, grantId: string): Promise<void> {
  const grant = vault.get(grantId)
  if (grant?.state.kind !== 'refreshing') return
  await applyEvent(vault, grantId, { kind: 'answer_lost', generation: grant.generation })
}

/** A tombstone: the secrets go, the facts stay. A newer token is never buried for an older one. */
async function bury(
  vault: Vault,
  grantId: string,
  used: GrantRecord,
  reason: string,
): Promise<void> {
  const { generation } = used.grant
  await vault.change(grantId, (record) => {
    const grant = transition(record.grant, { kind: 'died', reason, generation })
    if (grant.state.kind !== 'login_required') return { ...record, grant }
    // a client that was registered for this machine outlives its grant: the next login
    // uses it, and a revocation deletes it
    const { clientSecret, registrationToken } = record
    if (grant.registration === undefined) return { grant }
    return {
      grant,
      ...(clientSecret && { clientSecret }),
      ...(registrationToken && { registrationToken }),
    }
  })
}

/** At start: an exchange that was under way when the daemon died has lost its answer. */
export async function settleOpenIntents(vault: Vault): Promise<void> {
  for (const grant of vault.list()) await loseAnswer(vault, grant.id)
}
