import { startWorld, type World } from '../test/integration/world.ts'
import { asker } from './cached-token.ts'
import type { RowGroup } from './row.ts'
import { serverTime } from './server-time.ts'
import type { Room } from './without/hooks.ts'

const ROOMS: readonly Room[] = ['peer', 'policy', 'audit']

/** Requests before anything is measured, as many as one program may ask at once for each of these grants. */
const WARM_UP = 18_000

/** A daemon that has served less is slower, and rows that come later would be better off. */
const WARM_GRANTS = ['warm', 'warmer']

/** Requests of one reading of the processor time. */
const REQUESTS = 1_000

/**
 * What it costs a cached token that the caller is looked at again, the rules are asked and a
 * record is written: the same daemon with and without the three rooms, and with each left out.
 */
export async function costOfChecksRows(): Promise<RowGroup> {
  const full = await startDaemonWithout([], ['median', 'time', ...ROOMS])
  const bare = await startDaemonWithout(ROOMS, ['median', 'time'])
  const others: { room: Room; world: World }[] = []
  for (const room of ROOMS) others.push({ room, world: await startDaemonWithout([room], [room]) })
  const worlds = [full, bare, ...others.map(({ world }) => world)]
  return {
    rows: [
      {
        name: 'checks',
        what: 'cached token with peer, policy and audit, p50',
        against: 'the same daemon without them',
        goal: 1.25,
        pair: {
          ours: asker(full.sockets.broker, 'median'),
          baseline: asker(bare.sockets.broker, 'median'),
          calls: 2_000,
        },
      },
      {
        name: 'checks-cpu',
        what: 'the same, processor time of the daemon',
        against: 'the same daemon without them',
        goal: 1.25,
        pair: {
          ours: processorTimeOf(full, 'time'),
          baseline: processorTimeOf(bare, 'time'),
          calls: 1,
        },
      },
      ...others.map(({ room, world }) => ({
        name: `${room}-cpu`,
        what: `${room} alone, processor time of the daemon`,
        against: 'the same daemon without it',
        goal: 1.1,
        pair: {
          ours: processorTimeOf(full, room),
          baseline: processorTimeOf(world, room),
          calls: 1,
        },
      })),
    ],
    close: async () => void (await Promise.all(worlds.map((world) => world.close()))),
  }
}

/**
 * Nothing but what is left out tells one of these daemons from another.
 *
 * @param grants One for each row: a program may ask so often for a grant and no more.
 */
async function startDaemonWithout(
  rooms: readonly Room[],
  grants: readonly string[],
): Promise<World> {
  const world = await startWorld({
    issuer: { accessTokenSeconds: 3600 },
    environment: { GRANTD_BENCH_WITHOUT: rooms.join(' ') },
    preload: { module: new URL('./without/preload.js', import.meta.url).href },
  })
  for (const room of ROOMS)
    if (world.output().includes(`left out: ${room}`) !== rooms.includes(room))
      throw new Error(`the daemon has the wrong room for ${room}`)
  for (const grant of [...WARM_GRANTS, ...grants]) await world.login({ grant })
  for (const grant of WARM_GRANTS) {
    const warm = asker(world.sockets.broker, grant)
    for (let i = 0; i < WARM_UP; i++) await warm()
  }
  return world
}

function processorTimeOf(world: World, grant: string): () => Promise<number> {
  return serverTime(world.daemonPid(), asker(world.sockets.broker, grant), REQUESTS)
}
