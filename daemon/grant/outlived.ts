import type { Grant } from './grant.ts'

/** Limits of a grant's life, in seconds; an absent one sets none. */
export interface AgeLimits {
  readonly sessionAgeSeconds?: number
  readonly idleAgeSeconds?: number
}

/** Which limit is passed. */
export interface Outlived {
  readonly limit: 'session' | 'idle'
  readonly seconds: number
}

/**
 * How far behind a record may be with its last use: uses are written on a tick of 30 s, and
 * a crash loses those since. A grant in use must not end of that.
 */
const USE_SLACK_MS = 30_000

/**
 * Whether a grant has lived longer than it may.
 *
 * @param lastUsedAt What this daemon has seen itself, newer than the record; milliseconds
 *   since the epoch.
 * @param now Milliseconds since the epoch.
 */
export function outlived(
  grant: Pick<Grant, 'createdAt' | 'lastUsedAt'>,
  limits: AgeLimits,
  lastUsedAt: number | undefined,
  now: number,
): Outlived | undefined {
  const { sessionAgeSeconds, idleAgeSeconds } = limits
  if (sessionAgeSeconds !== undefined && now - grant.createdAt > sessionAgeSeconds * 1000)
    return { limit: 'session', seconds: sessionAgeSeconds }
  const recorded = grant.lastUsedAt === undefined ? grant.createdAt : grant.lastUsedAt
  const used = Math.max(lastUsedAt ?? 0, recorded + USE_SLACK_MS)
  if (idleAgeSeconds !== undefined && now - used > idleAgeSeconds * 1000)
    return { limit: 'idle', seconds: idleAgeSeconds }
  return undefined
}
