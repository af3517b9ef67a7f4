import type { Exposure } from '@grantd/client/protocol'
import type { Lifetime } from '../config/lifetime.ts'
import type { Grant } from '../grant/grant.ts'

/** Whoever has not used a login for a month has forgotten it. */
const UNUSED_MS = 30 * 86_400_000

/** What is known of a grant beside its record. */
export interface Surroundings {
  /** The limits that the configuration sets for it. */
  readonly lifetime: Lifetime
  /** Milliseconds since the epoch; absent when it was never used. */
  readonly usedAt: number | undefined
  /** Whether it has outlived those limits. */
  readonly isOutlived: boolean
  readonly now: number
}

/**
 * What makes a grant worth more to a thief than it has to be. A grant that is over has
 * nothing to lose.
 */
export function exposureOf(grant: Grant, around: Surroundings): readonly Exposure[] {
  const { kind } = grant.state
  if (kind === 'revoked' || kind === 'login_required') return []
  const { sessionAgeSeconds, idleAgeSeconds } = around.lifetime
  const flags: readonly (readonly [Exposure, boolean])[] = [
    ['non_rotating', grant.isRotating === false],
    ['never_expiring', sessionAgeSeconds === undefined && idleAgeSeconds === undefined],
    ['unused_30d', around.now - (around.usedAt ?? grant.createdAt) > UNUSED_MS],
    ['older_than_policy', around.isOutlived],
  ]
  return flags.filter(([, isSo]) => isSo).map(([flag]) => flag)
}
