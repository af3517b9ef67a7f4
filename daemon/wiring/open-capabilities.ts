import { join } from 'node:path'
import { CAPABILITY_CHECK_MS } from '../base/limits.ts'
import { requirePrivateDirectory } from '../base/private-directory.ts'
import { Capabilities } from '../broker/capabilities.ts'
import type { CapabilitySocket } from '../broker/capability-lives.ts'
import type { HeldCapability } from '../broker/held-capability.ts'
import type { DaemonFacts } from '../broker/report-status.ts'
import type { Rooms } from '../broker/rooms.ts'
import { capabilityStore } from '../capability/capability-store.ts'
import type { Paths } from '../config/paths.ts'
import { bindSocket } from '../listener/bind-socket.ts'
import { requireSocketDirectory } from '../listener/capability-directory.ts'
import type { LentSockets } from '../listener/lent-sockets.ts'
import { stopListening } from '../listener/stop-listening.ts'
import { tieToProcess } from '../peer/bind-process.ts'
import { procTable } from '../peer/process-table.ts'
import { makeCapabilityServer, type ServerParts } from './make-servers.ts'

/** How long the answer to the last use may take to leave. */
const LAST_ANSWER_MS = 500

/** What the sockets of capabilities are made of. */
export interface CapabilityWorld extends ServerParts {
  readonly uid: number
  readonly paths: Pick<Paths, 'runtimeDirectory' | 'stateDirectory'>
  /** Those that need not be bound. */
  readonly lent: LentSockets
  /** Known once everything else is. */
  readonly served: () => { readonly rooms: Rooms; readonly facts: DaemonFacts }
}

/** Capabilities whose sockets are real. */
export function openCapabilities(
  world: CapabilityWorld,
  rooms: Pick<Rooms, 'clock' | 'audit' | 'vault'>,
): Capabilities {
  const { uid, paths, log } = world
  const directory = join(paths.runtimeDirectory, 'capability')
  return new Capabilities({
    clock: rooms.clock,
    audit: rooms.audit,
    vault: rooms.vault,
    log,
    store: capabilityStore(join(paths.stateDirectory, 'capabilities'), uid),
    open: async (held) => {
      requirePrivateDirectory(directory, uid)
      return await openSocket(world, held)
    },
    tie: (pid) => tieToProcess(procTable, pid),
    defaultPath: (name) => join(directory, `${name}.sock`),
  })
}

/**
 * Ends what is over once a second: soon enough for a process that ended.
 *
 * @returns What stops it.
 */
export function watchCapabilities(
  capabilities: Pick<Capabilities, 'sweep'>,
  log: ServerParts['log'],
): () => void {
  let isLooking = false
  const timer = setInterval(() => {
    if (isLooking) return
    isLooking = true
    capabilities
      .sweep()
      .catch((error: unknown) => log.error('capabilities could not be looked at', error))
      .finally(() => {
        isLooking = false
      })
  }, CAPABILITY_CHECK_MS)
  return () => clearInterval(timer)
}

async function openSocket(world: CapabilityWorld, held: HeldCapability): Promise<CapabilitySocket> {
  const { path, gid } = held.facts
  requireSocketDirectory(path, world.uid, gid !== undefined)
  const app = makeCapabilityServer(world, world.served(), held)
  await app.ready()
  const isLent = world.lent.has(path)
  try {
    if (isLent) await world.lent.take(app.server, path)
    else await bindSocket(app.server, path, world.uid, gid)
  } catch (error) {
    await app.close()
    throw error
  }
  return {
    isLent,
    stopListening: () => stopListening(app.server),
    async close(how) {
      const closed = app.close()
      const cut = (): void => app.server.closeAllConnections()
      const last = how === 'answer' ? setTimeout(cut, LAST_ANSWER_MS) : undefined
      if (how === 'cut') cut()
      await closed
      clearTimeout(last)
      if (isLent) await world.lent.give(path)
    },
  }
}
