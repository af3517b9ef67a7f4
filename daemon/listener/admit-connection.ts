import type { Server, Socket } from 'node:net'
import type { Peer, PeerInquiry } from '../peer/peer.ts'
import type { ConnectionBudget } from './connection-budget.ts'

/** An accepted socket and the process behind it. */
interface Connection extends KnownProcess {
  /**
   * Calls `listener` once when the connection is over, at once when it is over already.
   *
   * @returns What ends it.
   */
  onGone(listener: () => void): () => void
}

/** The process behind a socket. */
interface KnownProcess {
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
  readonly connectionOf: (socket: Socket) => KnownProcess & {
    readonly release: () => void
    /** True for somebody else whom this one listener is for too. */
    readonly isGuest?: boolean
  }
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
 * destroys the connections of anybody but the owner, and the guests of that listener.
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
    const refusal =
      judge(peer, options.uid, connection.isGuest === true) ?? options.budget.take(peer.pid)
    if (refusal !== undefined) {
      connection.release()
      return refuse(refusal, peer)
    }
    // a set of our own: a thousand requests of a connection may listen, and sockets warn of eleven
    const listeners = new Set<() => void>()
    admitted.set(socket, {
      peer,
      inquiry: connection.inquiry,
      isSameProcess: () => connection.isSameProcess(),
      onGone: (listener) => {
        if (socket.destroyed) listener()
        else listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    })
    socket.once('close', () => {
      options.budget.give(peer.pid)
      connection.release()
      for (const listener of listeners) listener()
      listeners.clear()
    })
  })
  return { connection: (socket) => admitted.get(socket) }
}

function judge(peer: Peer, uid: number, isGuest: boolean): Refusal | undefined {
  if (peer.pid <= 0) return 'unknown_peer'
  return peer.uid === uid || isGuest ? undefined : 'other_uid'
}
