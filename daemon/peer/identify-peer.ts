import { readAncestors } from './ancestors.ts'
import { classifyPeer } from './classify-peer.ts'
import type { ExecutableHashes } from './executable-hash.ts'
import { parseUnit } from './parse-proc-cgroup.ts'
import { isSameProcess, type ProcessStat } from './parse-proc-stat.ts'
import { parseNsPid } from './parse-proc-status.ts'
import type { Ancestor, Peer, PeerInquiry } from './peer.ts'
import type { HeldProcess, ProcessTable } from './process-table.ts'

/** What the kernel said about the process that called connect(). */
interface Credentials {
  readonly uid: number
  readonly gid: number
  readonly pid: number
  /** True for somebody else whom one socket of ours is for; nothing but its life is looked at. */
  readonly isGuest?: boolean
}

/** The process at the other end for as long as its connection lives. */
export interface KnownPeer {
  readonly peer: Peer
  readonly inquiry: PeerInquiry
  /**
   * True while the process that connected still lives and still runs the program it ran
   * then. False for good once it is released.
   */
  isSameProcess(): boolean
  /** Lets go of the one descriptor that is held. */
  release(): void
}

/** Finds out who calls, and later whether it is still the same process. */
export interface PeerIdentifier {
  /**
   * Reads the facts once per connection: of the owner's processes only, since nobody else is spoken to.
   *
   * @param isAlive Whether the process that connected still lives, where the kernel can
   *   tell; it is asked after the last fact was read. Without it a process that took over
   *   the pid before we looked cannot be told from the one that connected.
   */
  identify(credentials: Credentials, isAlive?: () => boolean): KnownPeer
}

/** What is read of an ordinary process; any of it may be missing. */
interface Facts {
  readonly stat: ProcessStat | undefined
  readonly executable: string | undefined
  readonly namespaces: readonly (string | undefined)[]
  readonly unit: string | undefined
  readonly nsPid: number | undefined
  readonly tty: string | undefined
}

const NOTHING: Facts = {
  stat: undefined,
  executable: undefined,
  namespaces: [undefined],
  unit: undefined,
  nsPid: undefined,
  tty: undefined,
}

/** @param options.uid Whom we answer: nothing is read of anybody else. */
export function createPeerIdentifier(options: {
  readonly uid: number
  readonly processes: ProcessTable
  readonly hashes: ExecutableHashes
}): PeerIdentifier {
  const { processes, uid } = options
  const own = { uid, namespaces: processes.namespaces('self') }
  return {
    identify(credentials, isAlive) {
      const { pid } = credentials
      const isKnown = credentials.uid === uid || credentials.isGuest === true
      const held = isKnown && pid > 0 ? processes.hold(pid) : undefined
      const seen = held === undefined ? NOTHING : readFacts(processes, held, credentials, own)
      // a process that ended while its facts were read may have passed its pid on: they are nobody's
      const isSure = isAlive?.() ?? true
      const facts = isSure && isSameProcess(seen.stat, held?.stat()) ? seen : NOTHING
      return knownPeer(options, peerOf(credentials, facts, own), facts, held)
    },
  }
}

function readFacts(
  processes: ProcessTable,
  held: HeldProcess,
  { pid, uid }: Credentials,
  own: { readonly namespaces: readonly (string | undefined)[] },
): Facts {
  const stat = held.stat()
  const namespaces = processes.namespaces(pid)
  const isElsewhere = namespaces[0] !== own.namespaces[0]
  const isOurs = namespaces.every((link, i) => link === own.namespaces[i])
  return {
    stat,
    executable: processes.executable(pid),
    namespaces,
    unit: parseUnit(processes.cgroup(pid) ?? ''),
    nsPid: isElsewhere ? parseNsPid(processes.status(pid) ?? '') : undefined,
    // the numbers of another container's terminals name terminals of ours
    tty: stat?.terminal && isOurs ? processes.terminal(stat.terminal, uid) : undefined,
  }
}

function peerOf(
  credentials: Credentials,
  facts: Facts,
  own: { readonly uid: number; readonly namespaces: readonly (string | undefined)[] },
): Peer {
  const { stat, executable, namespaces, unit, nsPid, tty } = facts
  const { startTime, image } = stat ?? {}
  const { uid, gid, pid } = credentials
  return {
    uid,
    gid,
    pid,
    ...(startTime !== undefined && { startTime }),
    ...(image !== undefined && { image }),
    ...(executable !== undefined && { executable }),
    ...(unit !== undefined && { unit }),
    ...(nsPid !== undefined && { nsPid }),
    ...(tty !== undefined && { tty }),
    class: classifyPeer({ uid, pid, startTime, executable, namespaces }, own),
  }
}

function knownPeer(
  { processes, hashes }: { readonly processes: ProcessTable; readonly hashes: ExecutableHashes },
  peer: Peer,
  facts: Facts,
  held: HeldProcess | undefined,
): KnownPeer {
  const { stat, executable } = facts
  const isExecutable = processes.keepsRunning(peer.pid, executable)
  const isUnchanged = (): boolean =>
    stat !== undefined && held?.isStill(stat) === true && isExecutable()
  let ancestors: readonly Ancestor[] | undefined
  let hash: Promise<string | undefined> | undefined
  return {
    peer,
    inquiry: {
      ancestors: () => {
        if (ancestors === undefined && isUnchanged()) ancestors = readAncestors(processes, peer.pid)
        return ancestors ?? []
      },
      executableHash: async () => {
        hash ??= hashes.hashOf(peer.pid)
        const found = await hash
        // what did not come in time may come the next time
        if (found === undefined) hash = undefined
        return isUnchanged() ? found : undefined
      },
    },
    isSameProcess: isUnchanged,
    release: () => held?.release(),
  }
}
