import { join } from 'node:path'
import { StartupError } from '../base/startup-error.ts'

/** Where everything of one daemon lies. */
export interface Paths {
  /** Sockets and their lock; gone after a reboot. */
  readonly runtimeDirectory: string
  /** Sealed records, audit log and the vault's lock. */
  readonly stateDirectory: string
  readonly configFile: string
}

/** What the machine says. */
export interface PathSources {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly uid: number
  readonly home: string
  readonly platform: NodeJS.Platform
  readonly temporaryDirectory: string
  readonly exists: (path: string) => boolean
}

/**
 * The paths of the XDG base directories; what was given explicitly wins. The runtime
 * directory is `$XDG_RUNTIME_DIR/grantd`, else `/run/user/<uid>/grantd` where that
 * exists; else `~/Library/Application Support/grantd/run` on macOS, and elsewhere
 * `<temporary directory>/grantd-<uid>`: the client looks in the same places in the same order.
 *
 * @throws StartupError where a path would begin in a home directory, and there is none
 * @see XDG Base Directory Specification: relative paths in the variables are ignored
 */
export function choosePaths(given: Partial<Paths>, sources: PathSources): Paths {
  const { environment, uid, home, platform, exists } = sources
  const absolute = (name: string): string | undefined => {
    const value = environment[name]
    return value?.startsWith('/') ? value : undefined
  }
  const ofSystem = `/run/user/${uid}`
  const runtimeBase =
    absolute('XDG_RUNTIME_DIR') ?? (platform === 'linux' && exists(ofSystem) ? ofSystem : undefined)
  const stateBase = () => absolute('XDG_STATE_HOME') ?? join(ofUser(home), '.local', 'state')
  const configBase = () => absolute('XDG_CONFIG_HOME') ?? join(ofUser(home), '.config')
  return {
    runtimeDirectory:
      given.runtimeDirectory ??
      (runtimeBase === undefined ? fallBack(sources) : join(runtimeBase, 'grantd')),
    stateDirectory: given.stateDirectory ?? join(stateBase(), 'grantd'),
    configFile: given.configFile ?? join(configBase(), 'grantd', 'config.toml'),
  }
}

/** The temporary directory of macOS is not the same one for launchd, a terminal and ssh. */
function fallBack({ platform, home, temporaryDirectory, uid }: PathSources): string {
  return platform === 'darwin'
    ? join(ofUser(home), 'Library', 'Application Support', 'grantd', 'run')
    : join(temporaryDirectory, `grantd-${uid}`)
}

/** Grants that lie in the directory we happen to start in are lost in the next, and its rules are anybody's. */
function ofUser(home: string): string {
  if (home.startsWith('/')) return home
  throw new StartupError(
    `the home directory "${home}" is not an absolute path`,
    'set HOME, or name the places: --runtime-dir, --state-dir, --config',
  )
}
