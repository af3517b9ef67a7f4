import { startWorld, tokenOf, type World, type WorldOptions } from '../integration/world.ts'
import { claim } from './claim.ts'
import type { Role } from './requests.ts'
import type { Victim } from './run-daemon.ts'

/** A daemon with a grant, and somebody who goes on using it. */
export async function startVictim(role: Role, options: WorldOptions = {}): Promise<Victim> {
  const world = await startWorld(options)
  const requireService = role === 'broker' ? tokenService(world) : statusService(world)
  return { world, role, requireService }
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
