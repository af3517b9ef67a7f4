import { constants } from 'node:os'
import { SystemCallError } from './system-call-error.ts'

/** The process that called connect(2), as the kernel recorded it then. */
export interface PeerCredentials {
  /** 0 when the process lives outside our pid namespace: nobody we can name. */
  readonly pid: number
  /** Effective uid; 65534 when it has no place in our user namespace. */
  readonly uid: number
  readonly gid: number
  /**
   * A descriptor of the process itself, which outlives a reuse of its pid; the
   * caller closes it. Undefined on Linux before 6.5 and on macOS.
   */
  readonly pidfd: number | undefined
  /**
   * macOS: changes with every fork and every exec, so that pid and version name one process
   * running one program. Undefined elsewhere.
   */
  readonly pidVersion?: number
}

/**
 * Reads one socket option of at most `size` bytes.
 *
 * @throws SystemCallError
 */
export type SocketOption = (level: number, name: number, size: number) => Buffer

// asm-generic/socket.h. On ppc64 17 is another option of four bytes, refused as too short.
const SOL_SOCKET = 1
const SO_PEERCRED = 17
const SO_PEERPIDFD = 77

// macOS sys/un.h
const SOL_LOCAL = 0
const LOCAL_PEERCRED = 1
const LOCAL_PEERTOKEN = 6
const XUCRED_VERSION = 0

/** `audit_token_t`: eight words, of which bsm/libbsm.h reads the pid and its version here. */
const TOKEN_BYTES = 32
const TOKEN_PID = 20
const TOKEN_PID_VERSION = 28

/**
 * Takes the peer of a connected Unix socket apart. The darwin half follows
 * `sys/un.h` and `sys/ucred.h` and has not run on a Mac yet.
 *
 * @throws SystemCallError when the kernel does not say who it is, which includes
 *   a peer that is already gone where a pidfd could have been had: the caller
 *   drops the connection
 * @see unix(7) SO_PEERCRED
 */
export function readPeerCredentials(
  platform: NodeJS.Platform,
  option: SocketOption,
): PeerCredentials {
  return platform === 'darwin' ? readXucred(option) : readUcred(option)
}

function readUcred(option: SocketOption): PeerCredentials {
  const ucred = whole(option(SOL_SOCKET, SO_PEERCRED, 12), 12)
  return {
    pid: ucred.readInt32LE(0),
    uid: ucred.readUInt32LE(4),
    gid: ucred.readUInt32LE(8),
    pidfd: readPidfd(option),
  }
}

function readPidfd(option: SocketOption): number | undefined {
  try {
    return whole(option(SOL_SOCKET, SO_PEERPIDFD, 4), 4).readInt32LE(0)
  } catch (error) {
    // Only "no such option" means an old kernel; any other refusal is about this peer.
    if (error instanceof SystemCallError && error.errno === constants.errno.ENOPROTOOPT)
      return undefined
    throw error
  }
}

/** `struct xucred`: u32 version, u32 uid, i16 number of groups, padding, 16 groups of u32. */
function readXucred(option: SocketOption): PeerCredentials {
  const xucred = whole(option(SOL_LOCAL, LOCAL_PEERCRED, 76), 16)
  if (xucred.readUInt32LE(0) !== XUCRED_VERSION || xucred.readInt16LE(8) < 1)
    throw new SystemCallError('getsockopt', constants.errno.EPROTO)
  const token = whole(option(SOL_LOCAL, LOCAL_PEERTOKEN, TOKEN_BYTES), TOKEN_BYTES)
  return {
    // LOCAL_PEERPID says the same number in another call, of another moment
    pid: token.readInt32LE(TOKEN_PID),
    uid: xucred.readUInt32LE(4),
    gid: xucred.readUInt32LE(12),
    pidfd: undefined,
    pidVersion: token.readUInt32LE(TOKEN_PID_VERSION),
  }
}

function whole(bytes: Buffer, size: number): Buffer {
  if (bytes.length < size) throw new SystemCallError('getsockopt', constants.errno.EPROTO)
  return bytes
}
