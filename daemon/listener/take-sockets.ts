import { type InheritedSockets, sortSockets } from './inherited-sockets.ts'
import { launchdSockets } from './launchd-sockets.ts'
import { systemdSockets } from './systemd-sockets.ts'

/** Where sockets of a service manager come from. */
export interface SocketSources {
  readonly platform: NodeJS.Platform
  /** Ours; what speaks of sockets is removed. */
  readonly environment: NodeJS.ProcessEnv
  readonly pid: number
  /** Descriptors that launchd has under one name; asked on macOS alone, and each name once. */
  readonly launchSockets: (name: string) => readonly number[]
  /** Where a descriptor listens; `undefined` where it does not. */
  readonly pathOf: (fd: number) => string | undefined
}

/**
 * Takes over the sockets that the service manager of this system has bound.
 *
 * @throws StartupError for what we do not serve
 */
export function takeSockets(sources: SocketSources): InheritedSockets {
  const { platform, environment, pid, launchSockets, pathOf } = sources
  return platform === 'darwin'
    ? sortSockets('launchd', launchdSockets(launchSockets), pathOf)
    : sortSockets('systemd', systemdSockets(environment, pid), pathOf)
}
