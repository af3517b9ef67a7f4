import type { Peer } from '../../daemon/peer/peer.ts'

/** An ordinary process of the owner, with what a test wants otherwise. */
export function localPeer(changes: Partial<Peer> = {}): Peer {
  return {
    uid: 1000,
    gid: 1000,
    pid: 4242,
    startTime: '777',
    executable: '/usr/bin/git',
    class: 'local',
    ...changes,
  }
}
