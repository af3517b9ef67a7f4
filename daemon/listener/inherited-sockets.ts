import { StartupError } from '../base/startup-error.ts'

/** Listeners that a service manager can have bound for us. */
const ROLES = ['broker', 'admin'] as const

/** One of them. */
type InheritedRole = (typeof ROLES)[number]

/** A socket that listens already. */
export interface InheritedSocket {
  readonly fd: number
  readonly path: string
}

/** What was handed over, by role; a role that is not there is bound by ourselves. */
export type InheritedSockets = Readonly<Partial<Record<InheritedRole, InheritedSocket>>>

/** Who has bound the listeners. */
export function activationOf(inherited: InheritedSockets): 'systemd' | 'none' {
  return Object.keys(inherited).length > 0 ? 'systemd' : 'none'
}

/** First descriptor after the standard streams, sd_listen_fds(3). */
const FIRST_FD = 3

const VARIABLES = ['LISTEN_FDS', 'LISTEN_FDNAMES', 'LISTEN_PID']

const HINT = 'units of another version? grantd service install writes them anew'

/**
 * Takes over the sockets that systemd bound. What is what is told by name alone: their
 * order changes from one start to the next, and a right must not hang on it. The variables
 * are removed, so that no program we start takes them for its own.
 *
 * @param environment Ours; changed.
 * @param pathOf Where a descriptor listens; `undefined` where it does not.
 * @throws StartupError for a name we do not serve, one that is there twice, and what does not listen
 * @see sd_listen_fds(3), systemd.socket(5) FileDescriptorName=
 */
export function takeInheritedSockets(
  environment: NodeJS.ProcessEnv,
  pid: number,
  pathOf: (fd: number) => string | undefined,
): InheritedSockets {
  const [count, names, forPid] = VARIABLES.map((name) => environment[name] ?? '')
  for (const name of VARIABLES) delete environment[name]
  if (forPid !== String(pid)) return {}
  const found: Partial<Record<InheritedRole, InheritedSocket>> = {}
  const list = (names ?? '').split(':')
  if (list.length !== Number(count))
    throw new StartupError(`${count} sockets were handed over with ${list.length} names`, HINT)
  for (const [index, name] of list.entries()) {
    const role = ROLES.find((known) => known === name)
    if (role === undefined)
      throw new StartupError(
        `a socket named "${name}" was handed over, which we do not serve`,
        HINT,
      )
    if (found[role] !== undefined)
      throw new StartupError(`two sockets named "${name}" were handed over`, HINT)
    const fd = FIRST_FD + index
    const path = pathOf(fd)
    if (path === undefined)
      throw new StartupError(`the socket named "${name}" does not listen at a path`, HINT)
    found[role] = { fd, path }
  }
  return found
}
