import type { ServerOptions } from '../api/server.ts'
import type { Clock } from '../base/clock.ts'
import {
  HASH_DEADLINE_MS,
  MAX_HASHED_BYTES,
  MAX_HASHES_AT_ONCE,
  MAX_KNOWN_HASHES,
} from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { PolicyRooms } from '../broker/explain-policy.ts'
import { admitConnections, type Refusal } from '../listener/admit-connection.ts'
import { ConnectionBudget, connectionCaps } from '../listener/connection-budget.ts'
import { descriptorLimit } from '../listener/descriptor-limit.ts'
import { kernelConnection } from '../listener/kernel-connection.ts'
import { RefusalCounter } from '../listener/refusal-counter.ts'
import { createExecutableHashes, type HashLimits } from '../peer/executable-hash.ts'
import { createPeerIdentifier } from '../peer/identify-peer.ts'
import { lookUpPeer } from '../peer/look-up-peer.ts'
import type { Peer } from '../peer/peer.ts'
import { procTable } from '../peer/process-table.ts'

const HASH_LIMITS: HashLimits = {
  maxBytes: MAX_HASHED_BYTES,
  deadlineMs: HASH_DEADLINE_MS,
  maxAtOnce: MAX_HASHES_AT_ONCE,
  maxKnown: MAX_KNOWN_HASHES,
}

/** What stands before every listener, and counts for all of them together. */
export interface Gate {
  /** @param guestGid Members of this group are let in too. */
  admit(
    server: Parameters<ServerOptions['admit']>[0],
    guestGid?: number,
  ): ReturnType<ServerOptions['admit']>
  /** What is known of a process that did not connect. */
  readonly lookUp: PolicyRooms['lookUp']
  openConnections(): number
  /** Since the start. */
  admittedConnections(): number
  refusedPeers(): number
  /** Of these, connections for which there was no room. */
  connectionsOverLimit(): number
}

/** @throws StartupError when too few files may be open */
export function createGate(options: {
  /** The one uid that is let in, which need not be ours. */
  readonly owner: number
  readonly clock: Clock
  readonly log: Log
  /** Puts it on record; what it throws is nobody's answer. */
  readonly onRefused: (peer: Peer | undefined, refusal: Refusal) => void
}): Gate {
  const { owner: uid, clock, log } = options
  const budget = new ConnectionBudget(connectionCaps(descriptorLimit()))
  const counter = new RefusalCounter({ clock, log })
  const identifier = createPeerIdentifier({
    uid,
    processes: procTable,
    hashes: createExecutableHashes({ clock, limits: HASH_LIMITS }),
  })
  return {
    admit: (server, guestGid) =>
      admitConnections(server, {
        uid,
        budget,
        connectionOf: (socket) => kernelConnection(socket, identifier, undefined, guestGid),
        onRefused: (refusal, peer) => {
          counter.count(refusal, peer)
          try {
            options.onRefused(peer, refusal)
          } catch {
            // nobody waits for an answer; who does is told that nothing can be recorded
          }
        },
      }),
    lookUp: (pid) => lookUpPeer(identifier, procTable, pid),
    openConnections: () => budget.open,
    admittedConnections: () => budget.taken,
    refusedPeers: () => counter.total,
    connectionsOverLimit: () => counter.overLimit,
  }
}
