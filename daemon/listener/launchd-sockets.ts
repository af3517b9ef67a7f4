import { StartupError } from '../base/startup-error.ts'
import type { NamedSocket } from './inherited-sockets.ts'

/**
 * Every name a socket of ours may have. launchd has no list of them, and whoever connects to
 * one that nobody asked for waits for ever: so those are asked for too that we do not serve yet.
 */
const NAMES = ['broker', 'admin', 'capability', 'agent']

/**
 * What launchd has handed over.
 *
 * @param socketsOf Descriptors under one name; none where launchd has no such name, or has not
 *   started us.
 * @throws StartupError where it does not say
 */
export function launchdSockets(
  socketsOf: (name: string) => readonly number[],
): readonly NamedSocket[] {
  try {
    return NAMES.flatMap((name) => socketsOf(name).map((fd) => ({ name, fd })))
  } catch (error) {
    throw new StartupError(
      `launchd does not hand over its sockets: ${(error as Error).message}`,
      'see whether the agent is as it should be: grantd service status',
    )
  }
}
