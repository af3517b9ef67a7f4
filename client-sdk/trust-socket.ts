import { lstatSync, type Stats } from 'node:fs'
import { dirname, isAbsolute } from 'node:path'
import { MAX_SOCKET_PATH_BYTES } from './protocol.ts'
import { GrantdUnreachableError, notRunning } from './unreachable.ts'

/** Who we are and how a path is looked at. */
export interface Onlooker {
  /** Our own uid; `undefined` where the platform has none. */
  readonly uid: number | undefined
  /** Name of the operating system as `process.platform` gives it. */
  readonly platform: string
  /** Facts about a path itself, never about what a link points to. */
  readonly lstat: (path: string) => Pick<Stats, 'uid' | 'mode' | 'isSocket' | 'isDirectory'>
}

/** Who could read and exchange everything anyway. */
const ROOT = 0

const GROUP_OR_WORLD_WRITABLE = 0o022

/**
 * Refuses a socket that anybody but us or root could have put there. Once its directory
 * is ours or root's and only its owner can write to it, nobody else can exchange the socket
 * between this look and the connection. The directories above are not looked at.
 *
 * @throws GrantdUnreachableError `untrusted` or `not_running`
 */
export function trustSocket(path: string, onlooker: Onlooker = ourselves()): void {
  checkPath(path, onlooker.platform)
  if (onlooker.uid === undefined) throw untrusted('this platform has no owners of sockets')
  const directory = dirname(path)
  const parent = look(directory, path, onlooker)
  if (!parent.isDirectory()) throw untrusted(`"${directory}" is not a directory`)
  if (parent.uid !== ROOT) checkOwner(directory, parent.uid, onlooker.uid)
  if ((parent.mode & GROUP_OR_WORLD_WRITABLE) !== 0)
    throw untrusted(`others can write to directory "${directory}"`, `chmod 700 ${directory}`)
  const socket = look(path, path, onlooker)
  if (!socket.isSocket()) throw untrusted(`"${path}" is not a socket`)
  checkOwner(path, socket.uid, onlooker.uid)
}

function ourselves(): Onlooker {
  return { uid: process.getuid?.(), platform: process.platform, lstat: (path) => lstatSync(path) }
}

function checkPath(path: string, platform: string): void {
  const limit = MAX_SOCKET_PATH_BYTES[platform === 'linux' ? 'linux' : 'darwin']
  if (!isAbsolute(path)) throw untrusted(`socket path "${path}" is not absolute`)
  // The kernel would end the path at the NUL and connect to another one.
  if (path.includes('\0')) throw untrusted('the socket path holds a NUL')
  if (Buffer.byteLength(path) > limit)
    throw untrusted(`socket path "${path}" is longer than ${limit} bytes`, 'set GRANTD_SOCK')
}

function look(path: string, socketPath: string, onlooker: Onlooker) {
  try {
    return onlooker.lstat(path)
  } catch (error) {
    throw notRunning(socketPath, error)
  }
}

function checkOwner(path: string, owner: number, uid: number): void {
  if (owner !== uid) throw untrusted(`"${path}" belongs to uid ${owner}, not to us (uid ${uid})`)
}

function untrusted(detail: string, hint?: string): GrantdUnreachableError {
  return new GrantdUnreachableError('untrusted', detail, hint)
}
