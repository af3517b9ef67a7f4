import { constants } from 'node:os'
import { failure, library, succeeded } from './library.ts'
import { type PeerCredentials, readPeerCredentials } from './peer-credentials.ts'

// A wrong prototype corrupts memory without a word: each one has a test that
// makes the real call.
const getsockopt = library.func(
  'int getsockopt(int fd, int level, int name, void *value, _Inout_ uint32_t *length)',
) as (fd: number, level: number, name: number, value: Buffer, length: [number]) => number
const poll = library.func('int poll(void *fds, unsigned long count, int timeout)') as (
  fds: Buffer,
  count: number,
  timeoutMs: number,
) => number
const close = library.func('int close(int fd)') as (fd: number) => number
const fcntl = library.func('int fcntl(int fd, int command, ...)') as (
  fd: number,
  command: number,
  type: 'int',
  value: number,
) => number
const flock = library.func('int flock(int fd, int operation)') as (
  fd: number,
  operation: number,
) => number
const mlock = library.func('int mlock(void *address, size_t length)') as (
  address: Uint8Array,
  length: number,
) => number

const F_SETFD = 2
/** sys/fcntl.h: the same thing under two numbers. */
const F_DUPFD_CLOEXEC = process.platform === 'darwin' ? 67 : 1_030
const FD_CLOEXEC = 1
const readlink = library.func('long readlink(const void *path, void *target, size_t size)') as (
  path: Uint8Array,
  target: Uint8Array,
  size: number,
) => number

const LOCK_EX = 2
const LOCK_NB = 4
const POLLIN = 1
const LAST_STANDARD_FD = 2

/**
 * Who is at the other end of a connected Unix socket: SO_PEERCRED and, where the
 * kernel has it, SO_PEERPIDFD; LOCAL_PEERCRED and LOCAL_PEERTOKEN on macOS, not run
 * there yet.
 *
 * @param fd Descriptor of the accepted socket; stays the caller's.
 * @throws SystemCallError when the kernel does not say: drop the connection
 */
export function peerCredentials(fd: number): PeerCredentials {
  return readPeerCredentials(process.platform, (level, name, size) => {
    const value = Buffer.alloc(size)
    const length: [number] = [size]
    if (getsockopt(fd, level, name, value, length) !== 0) throw failure('getsockopt')
    return value.subarray(0, length[0])
  })
}

/** linux asm-generic/socket.h. */
const SOL_SOCKET = 1
const SO_PEERGROUPS = 59

/** NGROUPS_MAX of Linux is 65,536; whoever is in more groups than this is refused. */
const MAX_GROUPS = 1_024

/**
 * Supplementary groups of the process at the other end of a connected Unix socket, as they
 * were when it connected. None where the system does not tell them.
 *
 * @throws SystemCallError when the kernel does not say
 * @see unix(7) SO_PEERGROUPS
 */
export function peerGroups(fd: number): readonly number[] {
  if (process.platform !== 'linux') return []
  const value = Buffer.alloc(MAX_GROUPS * 4)
  const length: [number] = [value.length]
  if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, value, length) !== 0) throw failure('getsockopt')
  return Array.from({ length: Math.floor(length[0] / 4) }, (_, at) => value.readUInt32LE(at * 4))
}

/**
 * True while the process behind a pidfd has not ended. False also for what is not
 * an open descriptor: in doubt the peer is gone.
 *
 * @see pidfd_open(2): a pidfd turns readable when its process ends
 */
export function isPidfdAlive(pidfd: number): boolean {
  const pollfd = Buffer.alloc(8)
  pollfd.writeInt32LE(pidfd, 0)
  pollfd.writeInt16LE(POLLIN, 4)
  // poll(2) skips a negative descriptor and would call it quiet, that is alive
  return pidfd >= 0 && poll(pollfd, 1, 0) === 0
}

/**
 * Closes a descriptor that no Node object owns, such as a pidfd. Standard streams
 * and what is not open are left alone.
 */
export function closeFd(fd: number): void {
  if (fd > LAST_STANDARD_FD) close(fd)
}

/** Keeps a descriptor from every program that is started; one that is not open is none. */
export function closeOnExec(fd: number): void {
  fcntl(fd, F_SETFD, 'int', FD_CLOEXEC)
}

/**
 * Another descriptor of the same open file, which no program that we start gets.
 *
 * @returns It is the caller's to close.
 * @throws SystemCallError
 */
export function duplicate(fd: number): number {
  return succeeded('fcntl', fcntl(fd, F_DUPFD_CLOEXEC, 'int', LAST_STANDARD_FD + 1))
}

/**
 * Takes flock(2) exclusively, without waiting.
 *
 * @returns True: ours until every copy of the descriptor is closed or the process
 *   ends. False: somebody else's.
 * @throws SystemCallError
 */
export function tryLock(fd: number): boolean {
  if (flock(fd, LOCK_EX | LOCK_NB) === 0) return true
  const error = failure('flock')
  if (error.errno === constants.errno.EWOULDBLOCK) return false
  throw error
}

/**
 * Keeps a buffer's pages out of swap for the life of the process. The buffer
 * needs a backing store of its own (`Buffer.allocUnsafeSlow`), or it moves.
 *
 * @returns False when the system refuses, such as past RLIMIT_MEMLOCK; never throws.
 */
export function lockMemory(buffer: Uint8Array): boolean {
  return mlock(buffer, buffer.byteLength) === 0
}

/** No target is longer than PATH_MAX; one that fills all of it was cut. */
const linkTarget = Buffer.allocUnsafeSlow(4_097)

/**
 * Whether a symbolic link leads to a path, byte by byte. A third less work than
 * `readlinkSync`, for what is asked with every token.
 *
 * @param link Path of the link, as {@link pathBytes} has it.
 * @param target Not empty.
 * @returns False also when there is no such link, or it cannot be read.
 */
export function leadsTo(link: Uint8Array, target: Uint8Array): boolean {
  const size = readlink(link, linkTarget, linkTarget.length)
  if (size !== target.length || size === linkTarget.length) return false
  for (let at = 0; at < size; at += 1) if (linkTarget[at] !== target[at]) return false
  return true
}

/** A path as C has it. @throws TypeError when C would see its end before it */
export function pathBytes(path: string): Uint8Array {
  if (path.includes('\0')) throw new TypeError('no path has a NUL in it')
  return Buffer.from(`${path}\0`)
}
