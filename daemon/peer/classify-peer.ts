import type { PeerClass } from './peer.ts'

/**
 * Programs that pass on requests of somebody we cannot see, by the name of the file
 * that runs: Debian calls its `nc` and `socat` otherwise. The list cannot be
 * complete: any program of the owner can pass on what it may ask for itself.
 */
const RELAYS = new Set([
  'ssh',
  'sshd',
  'sshd-session',
  'sshd-auth',
  'dropbear',
  'dbclient',
  'dropbearmulti',
  'socat',
  'socat1',
  'nc',
  'nc.openbsd',
  'nc.traditional',
  'ncat',
  'systemd-socket-proxyd',
  'conmon',
  'containerd-shim-runc-v2',
  'docker-proxy',
  'rootlessport',
  'slirp4netns',
  'passt',
  'passt.avx2',
  'pasta',
  'pasta.avx2',
  'gvproxy',
])

/** What was read about a peer and about ourselves. */
export interface PeerFacts {
  readonly uid: number
  readonly pid: number
  readonly executable: string | undefined
  readonly startTime: string | undefined
  /** Link texts of the pid, user and mnt namespaces; `undefined` when unreadable. */
  readonly namespaces: readonly (string | undefined)[]
}

/**
 * Judges what was read. A fact that is missing never makes a peer `local`.
 *
 * @param own The owner's uid, and our own namespaces.
 */
export function classifyPeer(
  facts: PeerFacts,
  own: { readonly uid: number; readonly namespaces: readonly (string | undefined)[] },
): PeerClass {
  if (facts.uid !== own.uid) return facts.uid === 0 ? 'root' : 'unidentified'
  if (facts.pid <= 0 || facts.executable === undefined || facts.startTime === undefined)
    return 'unidentified'
  if (RELAYS.has(baseName(facts.executable))) return 'relay'
  if (facts.namespaces.some((link) => link === undefined)) return 'unidentified'
  if (facts.namespaces.some((link, i) => link !== own.namespaces[i])) return 'container'
  return 'local'
}

/** The kernel appends ` (deleted)` to the link of a replaced executable. */
function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/ \(deleted\)$/, '')
}
