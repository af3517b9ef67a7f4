import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { GrantdConnection } from '@grantd/client'
import { COMMAND } from '../test/integration/command.ts'
import { startWorld } from '../test/integration/world.ts'
import { runProgram } from './ratio.ts'
import type { RowGroup } from './row.ts'
import { serverTime } from './server-time.ts'

const HELPER = join(import.meta.dirname, '..', '..', 'integrations', 'grantd-token')

/** What a tool waits for when the daemon has its token already. */
export async function cachedTokenRows(): Promise<RowGroup> {
  const world = await startWorld({ issuer: { accessTokenSeconds: 3600 } })
  const baseline = join(world.directory, 'baseline.sock')
  // one for each row: a program may ask so often for a grant and no more
  for (const grant of ['work', 'time']) await world.login({ grant })
  const answer = (await world.token({ grant: 'work' })).text
  const server = spawn(
    process.execPath,
    [join(import.meta.dirname, 'baseline-server.js'), baseline, answer],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {},
    },
  )
  await once(server.stdout, 'data')
  const { environment: env } = world
  const curl = ['--silent', '--output', '/dev/null', '--unix-socket', world.sockets.broker]
  const health = ['-H', 'Grantd-Client: bench/1', 'http://grantd/v1/health']
  return {
    rows: [
      {
        name: 'cached',
        what: 'cached token, one kept connection, p50',
        against: 'bare node:http answering the same bytes',
        goal: 1.4,
        pair: { ours: asker(world.sockets.broker), baseline: asker(baseline), calls: 2_000 },
      },
      {
        name: 'cached-cpu',
        what: 'the same, processor time of the server',
        against: 'bare node:http answering the same bytes',
        goal: 1.25,
        pair: {
          ours: serverTime(world.daemonPid(), asker(world.sockets.broker, 'time'), 1_000),
          baseline: serverTime(server.pid ?? -1, asker(baseline), 1_000),
          calls: 1,
        },
      },
      {
        name: 'command',
        what: '`grantd token`, whole process',
        against: '`node -e 0`',
        goal: 1.5,
        pair: {
          ours: () => runProgram(process.execPath, [COMMAND, 'token', 'work'], env),
          baseline: () => runProgram(process.execPath, ['-e', '0'], env),
          calls: 5,
        },
      },
      {
        name: 'helper',
        what: '`grantd-token` (sh and curl), whole process',
        against: '`curl` alone',
        goal: 1.6,
        pair: {
          ours: () => runProgram(HELPER, ['work'], env),
          baseline: () => runProgram('curl', [...curl, ...health], env),
          calls: 5,
        },
      },
    ],
    async close() {
      server.kill()
      await world.close()
    },
  }
}

/** One cached token over one kept connection. */
export function asker(socketPath: string, grant = 'work'): () => Promise<void> {
  const connection = new GrantdConnection({ socketPath, name: 'bench', version: '1' })
  const request = { method: 'POST', path: '/v1/token', body: { grant } } as const
  return async () => void (await connection.request(request))
}
