import type { RevocationState } from '@grantd/client/protocol'
import type { RevocationReport } from '../grant/grant.ts'
import type { GrantRecord } from '../grant/grant-record.ts'
import { transition } from '../grant/transition.ts'
import type { AccessToken } from '../token/access-token.ts'
import { packTokens, unpackTokens } from '../vault/kept-tokens.ts'

/** When a grant ended here, and when it was used last; milliseconds since the epoch. */
export interface LocalEnd {
  readonly at: number
  readonly lastUsedAt: number | undefined
  /** Why the daemon ended it by itself. */
  readonly reason?: string | undefined
}

const NOTHING_TOLD: RevocationReport = {
  attempts: 0,
  isVerified: false,
  accessTokens: { revoked: 0, unsupported: 0, failed: 0 },
}

/**
 * A record whose grant has ended here. Its access tokens join those that the issuer has
 * still to hear about; one that waits for nothing keeps none.
 *
 * @param tokens Known to this daemon, and not over.
 * @returns A record whose `accessTokens`, where it has new ones, are the caller's to wipe.
 */
export function endRecord(
  record: GrantRecord,
  tokens: readonly AccessToken[],
  { at, lastUsedAt, reason }: LocalEnd,
): GrantRecord {
  const { grant } = record
  // where a refresh ends earlier tokens there is nothing left of them
  const living = tokens.filter(
    ({ generation }) => !grant.refreshInvalidatesAccessTokens || generation === grant.generation,
  )
  if (grant.state.kind === 'revoked') return withTokens(record, living, at)
  const isEmpty =
    record.refreshToken === undefined && living.length === 0 && grant.registration === undefined
  const revocation: RevocationState = isEmpty ? 'none' : 'queued'
  const ended = {
    ...transition(grant, {
      kind: 'revoked',
      at,
      revocation,
      ...(reason !== undefined && { reason }),
    }),
    ...(lastUsedAt !== undefined && { lastUsedAt }),
  }
  return withTokens({ ...record, grant: ended }, living, at)
}

function withTokens(record: GrantRecord, tokens: readonly AccessToken[], at: number): GrantRecord {
  const { grant, accessTokens } = record
  const { state } = grant
  const isQueued = state.kind === 'revoked' && state.revocation === 'queued'
  if (tokens.length === 0 || !isQueued) return record
  const kept = unpackTokens(accessTokens)
  const all = [...new Map([...kept, ...tokens].map((token) => [token.value, token])).values()]
  const { secret } = packTokens(all)
  const told = state.report ?? NOTHING_TOLD
  const report = {
    ...told,
    accessTokens: {
      ...told.accessTokens,
      // what has no room is never told about, and counts as failed for good
      failed: told.accessTokens.failed + all.length - kept.length,
    },
  }
  return {
    ...record,
    grant: transition(grant, { kind: 'revoked', at, revocation: 'queued', report }),
    ...(secret && { accessTokens: secret }),
  }
}
