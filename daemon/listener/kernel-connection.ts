import type { Socket } from 'node:net'
import type { KnownPeer, PeerIdentifier } from '../peer/identify-peer.ts'
import { closeFd, isPidfdAlive, peerCredentials, peerGroups } from '../platform/libc.ts'

/** Root has no need of us, and what has no place in our user namespace is nobody's. */
const NEVER_GUESTS = new Set([0, 65_534])

/**
 * Asks the kernel who called connect() on the other end, then `/proc` about it, then the
 * kernel whether that process had been there all the time.
 *
 * @param ask The kernel; a test can be one without pidfds.
 * @param guestGid Members of this group are guests on this socket.
 * @throws SystemCallError when the kernel does not say
 */
export function kernelConnection(
  socket: Socket,
  identifier: PeerIdentifier,
  ask: typeof peerCredentials = peerCredentials,
  guestGid?: number,
): KnownPeer & { readonly isGuest: boolean } {
  const { pidfd, pidVersion, ...said } = ask(descriptorOf(socket))
  const isGuest = guestGid !== undefined && isMember(socket, said, guestGid)
  const credentials = { ...said, isGuest }
  if (pidVersion !== undefined) {
    const isSame = (): boolean => {
      const now = again(() => ask(descriptorOf(socket)))
      return now?.pid === credentials.pid && now.pidVersion === pidVersion
    }
    // there is nothing to hold: the kernel is asked anew each time
    return { ...identifier.identify(credentials, isSame), isSameProcess: isSame, isGuest }
  }
  if (pidfd === undefined) return { ...identifier.identify(credentials), isGuest }
  try {
    // from here on an open file of the process says the same and more, so one descriptor is enough
    return { ...identifier.identify(credentials, () => isPidfdAlive(pidfd)), isGuest }
  } finally {
    closeFd(pidfd)
  }
}

/** By the kernel's word alone: modes of files can be widened. */
function isMember(
  socket: Socket,
  { uid, gid }: { readonly uid: number; readonly gid: number },
  guestGid: number,
): boolean {
  if (NEVER_GUESTS.has(uid)) return false
  return gid === guestGid || peerGroups(descriptorOf(socket)).includes(guestGid)
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
