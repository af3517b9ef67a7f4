import { GrantdError } from '@grantd/client/protocol'
import type { Peer } from '../peer/peer.ts'
import type { ListenerRole } from './question.ts'

/**
 * The admin listener is for the owner's own processes beside the daemon, whatever any
 * rule says, and only while they live: a pid can be given to another process. On the
 * other listeners every verb decides for itself.
 *
 * @throws GrantdError `unauthorized_peer`
 */
export function requireListenerRight(caller: {
  readonly peer: Peer
  readonly listener: ListenerRole
  /** True while the process that connected still lives. */
  isSameProcess(): boolean
}): void {
  const { peer, listener } = caller
  if (listener !== 'admin') return
  if (peer.class !== 'local')
    throw new GrantdError(
      'unauthorized_peer',
      `the admin listener is not for the class "${peer.class}"`,
    )
  if (!caller.isSameProcess())
    throw new GrantdError('unauthorized_peer', 'the process that asked is gone')
}
