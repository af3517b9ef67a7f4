import type { Socket } from 'node:net'
import type { PeerIdentifier } from '../peer/identify-peer.ts'
import type { Peer } from '../peer/peer.ts'
import { closeFd, isPidfdAlive, peerCredentials } from '../platform/libc.ts'
import type { Connection } from './admit-connection.ts'

/**
 * Asks the kernel who called connect() on the other end. A pidfd, where the kernel
 * gives one, is held until `release`, so that the pid cannot be given to another
 * process unnoticed. After `release` nobody is there any more.
 *
 * @param ask The kernel; a test can be one without pidfds.
 * @throws SystemCallError when the kernel does not say
 */
export function kernelConnection(
  socket: Socket,
  identifier: PeerIdentifier,
  ask: typeof peerCredentials = peerCredentials,
): Connection & { readonly release: () => void } {
  const { pidfd, ...credentials } = ask(descriptorOf(socket))
  const seen = identifier.identify(credentials)
  // a process that ended while its facts were read may have passed its pid on: they are nobody's
  const isSure = pidfd === undefined || isPidfdAlive(pidfd)
  const peer: Peer = isSure ? seen : { ...credentials, class: 'unidentified' }
  // after the release the number of the pidfd may name another file
  let isHeld = true
  return {
    peer,
    isSameProcess: () =>
      isHeld && (pidfd === undefined ? identifier.isSameProcess(peer) : isPidfdAlive(pidfd)),
    release: () => {
      if (isHeld && pidfd !== undefined) closeFd(pidfd)
      isHeld = false
    },
  }
}

/** Node offers no public way to a socket's descriptor; -1 makes the kernel refuse. */
function descriptorOf(socket: Socket): number {
  const handle = (socket as Socket & { readonly _handle?: { readonly fd?: number } })._handle
  return handle?.fd ?? -1
}
