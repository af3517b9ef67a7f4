import { StartupError } from '../base/startup-error.ts'

/** A descriptor that a service manager has handed over, and the name it has there. */
export interface NamedSocket {
  readonly name: string
  readonly fd: number
}

/** A socket that listens already. */
export interface InheritedSocket {
  readonly fd: number
  readonly path: string
}

/** What was handed over, by role; a role that is not there is bound by ourselves. */
export interface InheritedSockets {
  /** Who has bound them; `none` where nothing was handed over. */
  readonly activation: 'systemd' | 'launchd' | 'none'
  readonly broker?: InheritedSocket
  readonly admin?: InheritedSocket
  /** Which capability each is for is told by its path. */
  readonly capabilities: readonly InheritedSocket[]
}

/** Nothing was handed over. */
export const NO_SOCKETS: InheritedSockets = { activation: 'none', capabilities: [] }

/** Listeners of which there is one each. */
const SINGLE = ['broker', 'admin'] as const

/** The name of any number of others. */
const CAPABILITY = 'capability'

const HINT = 'a service of another version? grantd service install writes it anew'

/**
 * Tells what is what by name alone: the order of descriptors changes from one start to the
 * next, and a right must not hang on it.
 *
 * @param pathOf Where a descriptor listens; `undefined` where it does not; may throw.
 * @throws StartupError for a name we do not serve, one that is there twice, and what does not listen
 */
export function sortSockets(
  manager: 'systemd' | 'launchd',
  handedOver: readonly NamedSocket[],
  pathOf: (fd: number) => string | undefined,
): InheritedSockets {
  const single: { broker?: InheritedSocket; admin?: InheritedSocket } = {}
  const capabilities: InheritedSocket[] = []
  for (const { name, fd } of handedOver) {
    const role = SINGLE.find((known) => known === name)
    if (role === undefined && name !== CAPABILITY)
      throw refused(`a socket named "${name}" was handed over, which we do not serve`)
    const path = place(fd, pathOf)
    if (path === undefined) throw refused(`the socket named "${name}" does not listen at a path`)
    if (role !== undefined) {
      if (single[role] !== undefined) throw refused(`two sockets named "${name}" were handed over`)
      single[role] = { fd, path }
    } else {
      if (capabilities.some((other) => other.path === path))
        throw refused(`two sockets at "${path}" were handed over`)
      capabilities.push({ fd, path })
    }
  }
  return handedOver.length === 0 ? NO_SOCKETS : { activation: manager, ...single, capabilities }
}

function place(fd: number, pathOf: (fd: number) => string | undefined): string | undefined {
  try {
    return pathOf(fd)
  } catch {
    return undefined // no socket at all, or not even open: neither listens
  }
}

/** What was handed over is not what we serve. */
export function refused(what: string): StartupError {
  return new StartupError(what, HINT)
}
