import type { KnownPeer, PeerIdentifier } from './identify-peer.ts'
import { parseOwner } from './parse-owner.ts'
import type { ProcessTable } from './process-table.ts'

/**
 * What would be known of a process if it connected now, by its pid alone: for questions
 * about it, and never for an answer to it.
 *
 * @returns `undefined` when there is no such process, or it cannot be looked at. Whoever
 *   gets one must release it.
 */
export function lookUpPeer(
  identifier: PeerIdentifier,
  processes: ProcessTable,
  pid: number,
): KnownPeer | undefined {
  const owner = parseOwner(processes.status(pid) ?? '')
  return owner && identifier.identify({ ...owner, pid })
}
