import { chmodSync, chownSync, lstatSync, unlinkSync } from 'node:fs'
import { connect, type Server } from 'node:net'
import { MAX_SOCKET_PATH_BYTES } from '@grantd/client/protocol'
import { StartupError } from '../base/startup-error.ts'
import { boundSocket } from '../platform/bound-socket.ts'
import type { SystemCallError } from '../platform/system-call-error.ts'
import { listenOn } from './listen-on.ts'
import { removeSocketFile, socketFile } from './socket-file.ts'

/** No local daemon takes this long to accept. */
const PROBE_TIMEOUT_MS = 1_000

/** Owner only, from the first instant: mode 0600 by umask, never by a later chmod. */
const SOCKET_UMASK = 0o177

/** For a group too, once the socket is that group's. */
const GROUP_MODE = 0o660

/**
 * Binds a Unix socket. The caller holds the lock of its directory, so whatever lies
 * at the path is left over from a daemon that ended without cleaning up, unless
 * something still answers there. Once the server has closed its file is removed, unless
 * another process has bound the path since.
 *
 * @param gid Members of this group may connect too.
 * @throws StartupError when the path is too long, not a socket of ours, answers, or
 *   cannot be bound
 */
export async function bindSocket(
  server: Server,
  path: string,
  uid: number,
  gid?: number,
): Promise<void> {
  const limit =
    process.platform === 'darwin' ? MAX_SOCKET_PATH_BYTES.darwin : MAX_SOCKET_PATH_BYTES.linux
  if (Buffer.byteLength(path) > limit)
    throw new StartupError(
      `the socket path "${path}" is longer than ${limit} bytes`,
      'choose a shorter one: --runtime-dir',
    )
  await clearStale(path, uid)
  const fd = bind(path)
  const file = socketFile(path)
  server.once('close', () => {
    if (file !== undefined) removeSocketFile(path, file)
  })
  await listenOn(server, { fd, path })
  if (gid !== undefined) openToGroup(path, uid, gid)
}

function bind(path: string): number {
  const before = process.umask(SOCKET_UMASK)
  try {
    return boundSocket(path)
  } catch (error) {
    const { code } = error as SystemCallError
    throw new StartupError(`cannot listen at "${path}": ${code}`)
  } finally {
    process.umask(before)
  }
}

/** Whose it is comes first: no other group has it open for a moment. */
function openToGroup(path: string, uid: number, gid: number): void {
  try {
    chownSync(path, uid, gid)
    chmodSync(path, GROUP_MODE)
  } catch (error) {
    throw new StartupError(
      `"${path}" cannot be given to the group ${gid}: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`,
      'it has to be a group of yours',
    )
  }
}

async function clearStale(path: string, uid: number): Promise<void> {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return
  if (!stats.isSocket() || stats.uid !== uid)
    throw new StartupError(`"${path}" is not a socket of ours`, `look at it, then remove "${path}"`)
  if (await answers(path))
    throw new StartupError(
      `something already answers at "${path}"`,
      'end it first, or choose --runtime-dir',
    )
  unlinkSync(path)
}

/** True when a connection is accepted; a full accept queue counts as alive. */
async function answers(path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(path)
    const end = (alive: boolean): void => {
      socket.destroy()
      resolve(alive)
    }
    socket.setTimeout(PROBE_TIMEOUT_MS, () => end(true))
    socket.once('connect', () => end(true))
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'EAGAIN'))
  })
}
