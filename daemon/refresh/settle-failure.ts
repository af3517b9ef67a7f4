import type { GrantRecord } from '../grant/grant-record.ts'
import { type GrantEvent, transition } from '../grant/transition.ts'
import type { IssuerFailure } from '../issuer/issuer.ts'
import type { Vault } from '../vault/vault.ts'
import type { RefreshOutcome } from './outcome.ts'

/** How long callers wait before they ask again about a grant in doubt. */
export const DOUBT_SECONDS = 5

/** First pause after the network failed; the caller decides about the next. */
const UNREACHABLE_SECONDS = 5

/** Every failure of the issuer has one effect on the grant and one outcome. */
export async function settleFailure(
  vault: Vault,
  grantId: string,
  used: GrantRecord,
  failure: IssuerFailure,
): Promise<RefreshOutcome> {
  switch (failure.kind) {
    case 'not_sent':
      await endExchange(vault, grantId, { kind: 'not_sent' })
      return { kind: 'transient', detail: failure.reason, retryAfterSeconds: UNREACHABLE_SECONDS }
    case 'unusable':
      await endExchange(vault, grantId, { kind: 'not_sent' })
      return {
        kind: 'transient',
        detail: failure.reason,
        retryAfterSeconds: failure.retryAfterSeconds ?? UNREACHABLE_SECONDS,
      }
    case 'retry_later':
      await endExchange(vault, grantId, { kind: 'not_sent' })
      return {
        kind: 'transient',
        detail: 'the issuer asked to wait',
        retryAfterSeconds: failure.retryAfterSeconds,
      }
    case 'in_doubt':
      await loseAnswer(vault, grantId)
      return {
        kind: 'in_doubt',
        detail: failure.reason,
        retryAfterSeconds: failure.retryAfterSeconds ?? DOUBT_SECONDS,
      }
    case 'grant_dead':
      await bury(vault, grantId, used, `the issuer answered "${failure.code}"`)
      return {
        kind: 'permanent',
        code: 'login_required',
        detail: `the issuer answered "${failure.code}"`,
      }
    case 'step_up':
      await endExchange(vault, grantId, { kind: 'refused' })
      return {
        kind: 'permanent',
        code: 'step_up_required',
        detail: `the issuer answered "${failure.code}"`,
      }
    case 'client_broken':
      await endExchange(vault, grantId, { kind: 'refused' })
      return {
        kind: 'permanent',
        code: 'issuer_rejected',
        detail: `the issuer refuses the client: "${failure.code}"`,
      }
    case 'request_wrong':
      await endExchange(vault, grantId, { kind: 'refused' })
      return {
        kind: 'permanent',
        code: wrongRequest(failure.code),
        detail: `the issuer answered "${failure.code}"`,
      }
    default:
      return failure satisfies never
  }
}

function wrongRequest(code: string): 'invalid_scope' | 'invalid_target' | 'issuer_rejected' {
  return code === 'invalid_scope' || code === 'invalid_target' ? code : 'issuer_rejected'
}

/** Writes what one event makes of a grant. */
export async function applyEvent(vault: Vault, grantId: string, event: GrantEvent): Promise<void> {
  await vault.change(grantId, (record) => ({ ...record, grant: transition(record.grant, event) }))
}

/** Ends an exchange, unless its successor was kept: then it is over, whatever the answer said. */
export async function endExchange(vault: Vault, grantId: string, event: GrantEvent): Promise<void> {
  if (vault.get(grantId)?.state.kind !== 'refreshing') return
  await applyEvent(vault, grantId, event)
}

/** An exchange without a known end; when the successor was kept there is nothing to doubt. */
export async function loseAnswer(vault: Vault, grantId: string): Promise<void> {
  await endExchange(vault, grantId, { kind: 'answer_lost' })
}

/** A tombstone: the secrets go, the facts stay. A newer token is never buried for an older one. */
async function bury(
  vault: Vault,
  grantId: string,
  used: GrantRecord,
  reason: string,
): Promise<void> {
  await vault.change(grantId, (record) => {
    if (record.grant.generation !== used.grant.generation) return record
    const grant = transition(record.grant, { kind: 'died', reason })
    return grant.state.kind === 'login_required' ? { grant } : { ...record, grant }
  })
}

/** At start: an exchange that was under way when the daemon died has lost its answer. */
export async function settleOpenIntents(vault: Vault): Promise<void> {
  for (const grant of vault.list()) await loseAnswer(vault, grant.id)
}
