import type { Socket } from 'node:net'
import type { KnownPeer, PeerIdentifier } from '../peer/identify-peer.ts'
import { closeFd, isPidfdAlive, peerCredentials } from '../platform/libc.ts'

/**
 * Asks the kernel who called connect() on the other end, then `/proc` about it, then the
 * kernel whether that process had been there all the time.
 *
 * @param ask The kernel; a test can be one without pidfds.
 * @throws SystemCallError when the kernel does not say
 */
export function kernelConnection(
  socket: Socket,
  identifier: PeerIdentifier,
  ask: typeof peerCredentials = peerCredentials,
): KnownPeer {
  const { pidfd, pidVersion, ...credentials } = ask(descriptorOf(socket))
  if (pidVersion !== undefined) {
    const isSame = (): boolean => {
      const now = again(() => ask(descriptorOf(socket)))
      return now?.pid === credentials.pid && now.pidVersion === pidVersion
    }
    // there is nothing to hold: the kernel is asked anew each time
    return { ...identifier.identify(credentials, isSame), isSameProcess: isSame }
  }
  if (pidfd === undefined) return identifier.identify(credentials)
  try {
    // from here on an open file of the process says the same and more, so one descriptor is enough
    return identifier.identify(credentials, () => isPidfdAlive(pidfd))
  } finally {
    closeFd(pidfd)
  }
}

/** @returns `undefined` when nobody is there any more. */
function again<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    // a closed socket, a peer that ended: the kernel's reason changes nothing
    return undefined
  }
}

/** Node offers no public way to a socket's descriptor; -1 makes the kernel refuse. */
function descriptorOf(socket: Socket): number {
  const handle = (socket as Socket & { readonly _handle?: { readonly fd?: number } })._handle
  return handle?.fd ?? -1
}
