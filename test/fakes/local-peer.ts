import type { Peer, PeerInquiry } from '../../daemon/peer/peer.ts'

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

/** What a test wants to be read of a peer when somebody looks: a shell in a terminal, if nothing else. */
export function sampleInquiry(changes: Partial<PeerInquiry> = {}): PeerInquiry {
  return {
    ancestors: () => [{ pid: 4000, executable: '/usr/bin/bash' }],
    executableHash: async () => undefined,
    ...changes,
  }
}
