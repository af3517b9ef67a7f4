import type { Server, Socket } from 'node:net'
import type { Peer, PeerInquiry } from '../peer/peer.ts'
import type { ConnectionBudget } from './connection-budget.ts'

/** An accepted socket and the process behind it. */
interface Connection {
  readonly peer: Peer
  readonly inquiry: PeerInquiry
  /** True while the process that connected still lives and runs the same program. */
  isSameProcess(): boolean
}

/** Why a connection was not accepted. */
export type Refusal = 'other_uid' | 'unknown_peer' | 'too_many' | 'too_many_of_process'

/** Everything {@link admitConnections} needs, so that a test can be the kernel. */
export interface AdmitOptions {
  readonly uid: number
  /** Shared by all listeners. */
  readonly budget: ConnectionBudget
  /** The kernel's word on the peer; throws when it has none. */
  readonly connectionOf: (socket: Socket) => Connection & { readonly release: () => void }
  /** Counts and logs; gets no more than the kernel said. */
  readonly onRefused: (refusal: Refusal, peer: Peer | undefined) => void
}

/** The connections of one listener. */
export interface Admission {
  /** The process behind a socket; `undefined` when it was never admitted. */
  connection(socket: Socket): Connection | undefined
}

/**
 * Looks at the process behind every connection before a byte of it is parsed, and
 * destroys the connections of anybody but the owner.
 */
export function admitConnections(server: Server, options: AdmitOptions): Admission {
  const admitted = new WeakMap<Socket, Connection>()
  server.prependListener('connection', (socket: Socket) => {
    const refuse = (refusal: Refusal, peer?: Peer): void => {
      socket.destroy()
      options.onRefused(refusal, peer)
    }
    let connection: ReturnType<AdmitOptions['connectionOf']>
    try {
      connection = options.connectionOf(socket)
    } catch {
      // no credentials, no conversation; the kernel's reason helps nobody
      return refuse('unknown_peer')
    }
    const { peer } = connection
    const refusal = judge(peer, options.uid) ?? options.budget.take(peer.pid)
    if (refusal !== undefined) {
      connection.release()
      return refuse(refusal, peer)
    }
    admitted.set(socket, connection)
    socket.once('close', () => {
      options.budget.give(peer.pid)
      connection.release()
    })
  })
  return { connection: (socket) => admitted.get(socket) }
}

function judge(peer: Peer, uid: number): Refusal | undefined {
  if (peer.pid <= 0) return 'unknown_peer'
  return peer.uid === uid ? undefined : 'other_uid'
}
