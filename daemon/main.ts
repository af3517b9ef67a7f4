import cluster from 'node:cluster'
import { url as inspectorAddress } from 'node:inspector'
import { StartupError } from './base/startup-error.ts'
import { hostileStart } from './hardening/hostile-start.ts'
import { hardenProcess } from './platform/harden-process.ts'
import { keepDescriptorsFromChildren } from './platform/inherited-descriptors.ts'
import type { ServeOptions } from './run-daemon.ts'

export type { ServeOptions } from './run-daemon.ts'

/** Files we make are ours alone, whatever shell started us. */
const UMASK = 0o077

/**
 * Closes this process to everybody else and, once that is done, loads and runs the daemon
 * until SIGTERM, SIGINT or SIGHUP ends it.
 *
 * @returns Exit status: 0 after a signal.
 * @throws StartupError, GrantdError when it could not start, with a hint where there is one
 */
export async function runDaemon(options: ServeOptions): Promise<number> {
  // first of all: Node opens its debugger to every local uid on this signal
  process.on('SIGUSR1', () => undefined)
  process.umask(UMASK)
  keepDescriptorsFromChildren()
  const hardened = hardenProcess()
  const reason = hostileStart({
    environment: process.env,
    nodeArguments: process.execArgv,
    inspectorAddress: inspectorAddress(),
    isWorker: cluster.isWorker,
  })
  if (reason !== undefined)
    throw new StartupError(
      reason,
      'start it without that, such as: env -u NODE_OPTIONS grantd serve',
    )
  // not before: what is loaded takes a while, and holds secrets later
  const daemon = await import('./run-daemon.ts')
  return await daemon.runUntilSignal(options, hardened)
}
