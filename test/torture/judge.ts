import type { TokenRequestSeen } from '../issuers/token-log.ts'
import type { Seen } from './crash-point.ts'

/** How far an exchange had come when the daemon died. */
export type Progress =
  /** The issuer has not acted: whatever happens next, the refresh token of before is good. */
  | 'not acted'
  /** The issuer has rotated, and the daemon never had its whole answer. */
  | 'answer under way'
  /** The daemon had the whole answer, and no file with the successor in it stood in its place. */
  | 'answer read'
  /** The record with the successor has taken the place of the one before. */
  | 'durable'

/**
 * Puts together what the issuer did and what the daemon did until it died.
 *
 * @param log What the issuer saw since the request, of this grant alone.
 * @param trace What the daemon did since the request.
 * @param id Of the grant's record.
 */
export function progressAtDeath(
  log: readonly TokenRequestSeen[],
  trace: readonly Seen[],
  id: string,
): Progress {
  const acted = log.findLast(
    ({ grantType, status }) => grantType === 'refresh_token' && status === 200,
  )
  const spent = acted?.refreshTokenHash
  if (spent === undefined) return 'not acted'
  const read = trace.findIndex(
    ({ call, when, target, text }) =>
      call === 'answer' && when === 'after' && target === '/token' && text === `200 ${spent}`,
  )
  if (read < 0) return 'answer under way'
  return isRecordInPlace(trace.slice(read), id) ? 'durable' : 'answer read'
}

/** True when a record has taken its place in this part of a trace. @param id Default any. */
export function isRecordInPlace(trace: readonly Seen[], id = ''): boolean {
  return trace.some(
    ({ call, when, target }) =>
      call === 'rename' && when === 'after' && target.endsWith(`${id}.grant`),
  )
}

/** What is left of a grant, and whether that had to be. */
export type Verdict = 'lives' | 'lost on the way' | 'lost in memory' | 'lost without need'

/**
 * A grant may only be lost while a rotation exists nowhere but at the issuer, on the way,
 * or in the memory of a process that is killed; and where the issuer repeats its answers
 * not even then.
 */
export function judge(progress: Progress, isAlive: boolean, issuerRepeats: boolean): Verdict {
  if (isAlive) return 'lives'
  if (issuerRepeats) return 'lost without need'
  if (progress === 'answer under way') return 'lost on the way'
  return progress === 'answer read' ? 'lost in memory' : 'lost without need'
}

/** How often refresh tokens were shown to the issuer after it had taken them. */
export interface Replays {
  /** The one retry after a lost answer. */
  readonly permitted: number
  /** Every further one: it can only look like theft. */
  readonly beyond: number
}

/** Counts them in the whole log of an issuer. */
export function countReplays(log: readonly TokenRequestSeen[]): Replays {
  const taken = new Set<string>()
  const shown = new Map<string, number>()
  for (const { grantType, status, refreshTokenHash: hash } of log) {
    if (grantType !== 'refresh_token' || hash === undefined) continue
    if (taken.has(hash)) shown.set(hash, (shown.get(hash) ?? 0) + 1)
    else if (status === 200) taken.add(hash)
  }
  const counts = [...shown.values()]
  return {
    permitted: counts.length,
    beyond: counts.reduce((sum, count) => sum + count - 1, 0),
  }
}
