import { statSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'

/** What the socket paths depend on. */
export interface SocketSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Our own uid; `undefined` where the platform has none. */
  readonly uid: number | undefined
  /** Our home directory, absolute. */
  readonly home: string
  /** Directory for temporary files, absolute. */
  readonly tmpdir: string
  /** Name of the operating system as `process.platform` gives it. */
  readonly platform: string
  /** Whether a directory exists at this path. */
  readonly isDirectory: (path: string) => boolean
}

/** Where programs of macOS keep what is a user's. */
const OF_MACOS = ['Library', 'Application Support', 'grantd', 'run']

/** Where the listeners of one daemon are. */
export interface SocketPaths {
  /** The runtime directory: parent of the broker socket. */
  readonly directory: string
  /** Socket that hands out tokens. */
  readonly broker: string
  /** Socket of the commands that manage grants. */
  readonly admin: string
}

/**
 * Socket paths, by these rules; a variable that is empty counts as not set:
 *
 * 1. `$GRANTD_SOCK` is the broker socket, as it stands.
 * 2. Otherwise it is `broker.sock` in the runtime directory, which is the first of
 *    `/run/grantd/<uid>` where that is a directory (Linux only: root has made it, for a daemon
 *    under a uid of its own),
 *    `$XDG_RUNTIME_DIR/grantd` (a relative value is ignored, as XDG demands),
 *    `/run/user/<uid>/grantd` where `/run/user/<uid>` is a directory (Linux only),
 *    `~/Library/Application Support/grantd/run` (macOS only), `<tmpdir>/grantd-<uid>`.
 * 3. `$GRANTD_ADMIN_SOCK` is the admin socket; otherwise `admin.sock` beside the broker socket.
 *
 * Nothing is judged here: a connection refuses a path that is relative, too long or not ours.
 *
 * @see XDG Base Directory Specification 0.8 (`XDG_RUNTIME_DIR`)
 */
export function locateSockets(from: SocketSurroundings): SocketPaths {
  const broker = setting(from, 'GRANTD_SOCK') ?? join(runtimeDirectory(from), 'broker.sock')
  const directory = dirname(broker)
  const admin = setting(from, 'GRANTD_ADMIN_SOCK') ?? join(directory, 'admin.sock')
  return { directory, broker, admin }
}

/** Socket paths of this process: {@link locateSockets} over its environment, uid and platform. */
export function socketPaths(): SocketPaths {
  return locateSockets({
    env: process.env,
    uid: process.getuid?.(),
    home: homedir(),
    tmpdir: tmpdir(),
    platform: process.platform,
    isDirectory: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false,
  })
}

function runtimeDirectory(from: SocketSurroundings): string {
  const ofRoot = `/run/grantd/${from.uid}`
  if (from.platform === 'linux' && from.isDirectory(ofRoot)) return ofRoot
  const xdg = setting(from, 'XDG_RUNTIME_DIR')
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'grantd')
  const run = `/run/user/${from.uid}`
  if (from.platform === 'linux' && from.isDirectory(run)) return join(run, 'grantd')
  // the temporary directory is not the same one for launchd, a terminal and ssh
  if (from.platform === 'darwin') return join(from.home, ...OF_MACOS)
  return join(from.tmpdir, `grantd-${from.uid}`)
}

function setting(from: SocketSurroundings, name: string): string | undefined {
  const value = from.env[name]
  return value === '' ? undefined : value
}
