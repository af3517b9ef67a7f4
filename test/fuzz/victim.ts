import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { startWorld, tokenOf, type World, type WorldOptions } from '../integration/world.ts'
import { claim } from './claim.ts'
import type { Role } from './requests.ts'
import type { Victim } from './run-daemon.ts'

const COLLECT = new URL('collect.js', import.meta.url).href

/**
 * A daemon, and somebody who goes on using it.
 *
 * @param module Loaded before it; has to load `collect.ts` too.
 */
export async function startVictim(
  role: Role,
  module: string = COLLECT,
  options: WorldOptions = {},
): Promise<Victim> {
  let daemon: ChildProcess | undefined
  const launched = (child: ChildProcess): void => {
    daemon = child
  }
  const world = await startWorld({ ...options, preload: { module, launched } })
  const requireService = role === 'broker' ? tokenService(world) : statusService(world)
  const residentBytes = async (): Promise<number> => {
    claim(daemon?.connected === true, 'the daemon listens')
    daemon.send('collect')
    await once(daemon, 'message')
    const status = readFileSync(`/proc/${daemon.pid}/status`, 'latin1')
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024
  }
  return { world, role, requireService, residentBytes }
}

/** A token from the cache, again and again. */
function tokenService(world: World): () => Promise<void> {
  let pid = 0
  return async () => {
    // grants in memory end with their daemon
    if (pid !== world.daemonPid()) await world.login()
    pid = world.daemonPid()
    tokenOf(await world.token({ grant: 'work' }))
  }
}

/** Grants may be revoked here, and the vault locked; a daemon says how it is all the same. */
function statusService(world: World): () => Promise<void> {
  return async () => {
    for (const role of ['admin', 'broker'] as const) {
      const { status, text } = await world.ask(role, 'GET', '/v1/health')
      claim(status === 200, text)
    }
    const { status, text } = await world.ask('admin', 'GET', '/v1/status')
    claim(status === 200, text)
  }
}
