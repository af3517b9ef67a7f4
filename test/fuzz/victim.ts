import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { add, token } from '../integration/capability.ts'
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
  const socketPath =
    role === 'capability'
      ? join(world.sockets.broker, '..', 'capability.sock')
      : world.sockets[role]
  const requireService = {
    broker: tokenService(world, async () => undefined),
    admin: statusService(world),
    capability: tokenService(world, () => narrow(world, socketPath), socketPath),
  }[role]
  const residentBytes = async (): Promise<number> => {
    claim(daemon?.connected === true, 'the daemon listens')
    daemon.send('collect')
    await once(daemon, 'message')
    const status = readFileSync(`/proc/${daemon.pid}/status`, 'latin1')
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024
  }
  await requireService()
  // matches nothing where all that was granted may be had
  const forbidden = role === 'capability' ? /"scope":"[^"]*repo:write/ : /(?!)/
  return { world, role, socketPath, forbidden, requireService, residentBytes }
}

/**
 * A token from the cache, again and again.
 *
 * @param begin What a new daemon needs besides a login.
 * @param more Another socket that gives the same.
 */
function tokenService(
  world: World,
  begin: () => Promise<void>,
  more?: string,
): () => Promise<void> {
  let pid = 0
  return async () => {
    // grants in memory end with their daemon
    if (pid !== world.daemonPid()) {
      await world.login()
      await begin()
    }
    pid = world.daemonPid()
    tokenOf(await world.token({ grant: 'work' }))
    if (more === undefined) return
    const { status, json } = await token(more)
    claim(status === 200 && json['scope'] === 'repo:read', `${status} on the capability's socket`)
  }
}

/** One that was for the login of an earlier daemon goes. */
async function narrow(world: World, path: string): Promise<void> {
  await world.ask('admin', 'DELETE', '/v1/capabilities/ci')
  await add(world, { path })
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
