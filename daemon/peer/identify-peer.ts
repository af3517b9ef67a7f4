import { classifyPeer } from './classify-peer.ts'
import type { Peer } from './peer.ts'
import type { ProcessTable } from './process-table.ts'

/** What the kernel said about the process that called connect(). */
interface Credentials {
  readonly uid: number
  readonly gid: number
  readonly pid: number
}

/** Finds out who calls, and later whether it is still the same process. */
export interface PeerIdentifier {
  /** Reads the facts once per connection. */
  identify(credentials: Credentials): Peer
  /** True while the process that connected still lives: same pid, same start time. */
  isSameProcess(peer: Peer): boolean
}

/** @param options.uid Our own effective uid. */
export function createPeerIdentifier(options: {
  readonly uid: number
  readonly processes: ProcessTable
}): PeerIdentifier {
  const { processes, uid } = options
  const own = { uid, namespaces: processes.namespaces('self') }
  return {
    identify(credentials) {
      const { pid } = credentials
      const startTime = processes.startTime(pid)
      const executable = processes.executable(pid)
      const facts = {
        uid: credentials.uid,
        pid,
        startTime,
        executable,
        namespaces: processes.namespaces(pid),
      }
      return {
        ...credentials,
        ...(startTime === undefined ? {} : { startTime }),
        ...(executable === undefined ? {} : { executable }),
        class: classifyPeer(facts, own),
      }
    },
    isSameProcess(peer) {
      return peer.startTime !== undefined && processes.startTime(peer.pid) === peer.startTime
    },
  }
}
