import type { Server, Socket } from 'node:net'
import type { Peer } from '../peer/peer.ts'

/** An accepted socket and the process behind it. */
export interface Connection {
  readonly peer: Peer
  /** True while the process that connected still lives. */
  isSameProcess(): boolean
}

/** Why a connection was not accepted. */
export type Refusal = 'other_uid' | 'unknown_peer' | 'too_many' | 'too_many_of_process'

/** Everything {@link admitConnections} needs, so that a test can be the kernel. */
export interface AdmitOptions {
  readonly uid: number
  readonly maxConnections: number
  readonly maxConnectionsPerPid: number
  /** The kernel's word on the peer; throws when it has none. */
  readonly connectionOf: (socket: Socket) => Connection & { readonly release: () => void }
  /** Counts and logs; gets no more than the kernel said. */
  readonly onRefused: (refusal: Refusal, peer: Peer | undefined) => void
}

/** The connections of one listener. */
export interface Admission {
  readonly open: number
  /** The process behind a socket; `undefined` when it was never admitted. */
  connection(socket: Socket): Connection | undefined
}

/**
 * Looks at the process behind every connection before a byte of it is parsed, and
 * destroys the connections of anybody but the owner.
 */
export function admitConnections(server: Server, options: AdmitOptions): Admission {
  const admitted = new WeakMap<Socket, Connection>()
  const perPid = new Map<number, number>()
  let open = 0
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
    const ofPid = perPid.get(peer.pid) ?? 0
    const refusal = judge(peer, open, ofPid, options)
    if (refusal !== undefined) {
      connection.release()
      return refuse(refusal, peer)
    }
    open += 1
    perPid.set(peer.pid, ofPid + 1)
    admitted.set(socket, connection)
    socket.once('close', () => {
      open -= 1
      connection.release()
      const left = (perPid.get(peer.pid) ?? 1) - 1
      if (left === 0) perPid.delete(peer.pid)
      else perPid.set(peer.pid, left)
    })
  })
  return {
    get open() {
      return open
    },
    connection: (socket) => admitted.get(socket),
  }
}

function judge(
  peer: Peer,
  open: number,
  ofPid: number,
  options: Pick<AdmitOptions, 'uid' | 'maxConnections' | 'maxConnectionsPerPid'>,
): Refusal | undefined {
  if (peer.pid <= 0) return 'unknown_peer'
  if (peer.uid !== options.uid) return 'other_uid'
  if (open >= options.maxConnections) return 'too_many'
  if (ofPid >= options.maxConnectionsPerPid) return 'too_many_of_process'
  return undefined
}
