import type { RevocationState } from '@grantd/client/protocol'
import type { RevocationReport, TokenCounts } from '../grant/grant.ts'
import type { GrantRecord } from '../grant/grant-record.ts'
import { transition } from '../grant/transition.ts'
import { packTokens, unpackTokens } from '../vault/kept-tokens.ts'
import { nextAttemptAt } from './revocation-pause.ts'
import type { Told } from './tell-issuer.ts'

/** Longest text of what went wrong in a record; each of its parts is a short sentence of ours. */
const MAX_PROBLEM = 300

/**
 * What a queued record becomes after an attempt: a tombstone without secrets once there
 * is nothing left to be told, else the same with what is settled taken out of it, and the
 * time of the next attempt.
 *
 * @param random 0 up to 1, like `Math.random`.
 * @returns A record whose new secrets are the caller's to wipe.
 */
export function settleRevocation(
  record: GrantRecord,
  told: Told,
  now: number,
  random: number,
): GrantRecord {
  const { grant, previousRefreshToken: _, refreshToken, accessTokens, ...secrets } = record
  const { state } = grant
  if (state.kind !== 'revoked' || state.revocation !== 'queued') return record
  const before = state.report
  const settled = told.refreshToken ?? before?.refreshToken
  const kept = unpackTokens(accessTokens)
  const open = kept.filter(({ value }) => !told.closed.has(value))
  const client = told.client ?? before?.client
  const isOpen =
    open.length > 0 ||
    (refreshToken !== undefined && settled === undefined) ||
    (grant.registration !== undefined && client === undefined)
  const attempts = (before?.attempts ?? 0) + (isOpen ? 1 : 0)
  const problem = told.problems.join('; ').slice(0, MAX_PROBLEM)
  const report: RevocationReport = {
    attempts,
    isVerified: isVerified(before, told.isVerified),
    accessTokens: added(before?.accessTokens, told.counts, kept.length, open.length),
    ...(settled !== undefined && { refreshToken: settled }),
    ...(client !== undefined && { client }),
    ...(problem !== '' && { problem }),
    ...(isOpen && {
      nextAttemptAt: nextAttemptAt(now, attempts, told.retryAfterSeconds, random),
    }),
  }
  const revocation = isOpen ? 'queued' : finalState(settled, state.intent !== undefined)
  const after = transition(grant, { kind: 'revoked', at: now, revocation, report })
  if (!isOpen) return { grant: after }
  const packed = packTokens(open)
  return {
    grant: after,
    ...secrets,
    ...(settled === undefined && refreshToken && { refreshToken }),
    ...(packed.secret && { accessTokens: packed.secret }),
  }
}

/** What was revoked before counts as well, if anything was. */
function isVerified(before: RevocationReport | undefined, now: boolean | undefined): boolean {
  if (now === undefined) return before?.isVerified ?? false
  const isFirst =
    before === undefined || (before.refreshToken !== 'revoked' && before.accessTokens.revoked === 0)
  return now && (isFirst || before.isVerified)
}

/** Those still open count as failed; they did so before as well. */
function added(
  before: TokenCounts = { revoked: 0, unsupported: 0, failed: 0 },
  now: TokenCounts,
  kept: number,
  open: number,
): TokenCounts {
  return {
    revoked: before.revoked + now.revoked,
    unsupported: before.unsupported + now.unsupported,
    failed: Math.max(0, before.failed - kept) + now.failed + open,
  }
}

function finalState(
  settled: RevocationReport['refreshToken'],
  isUncertain: boolean,
): RevocationState {
  if (settled === 'unsupported') return 'unsupported'
  return isUncertain ? 'uncertain' : 'revoked_at_issuer'
}
