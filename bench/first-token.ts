import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { COMMAND } from '../test/integration/command.ts'
import { startWorld } from '../test/integration/world.ts'
import { asker } from './cached-token.ts'
import type { RowGroup } from './row.ts'

/** Answers as little as a server can, on the socket that was handed over. */
const BARE = `
  require('node:http').createServer((request, response) => {
    request.resume().on('end', () => response.end('{"access_token":"x"}\\n'))
  }).listen({ fd: 3 })`

/**
 * From the connection that starts a service to the answer to its request: the kernel holds the
 * caller while the program is loaded. Ours loads the daemon, opens the vault with a service
 * credential, and fetches the first token from an issuer on loopback; the baseline is a server
 * of Node that is started the same way and answers a constant.
 */
export async function firstTokenRows(): Promise<RowGroup> {
  const credentials = mkdtempSync(join(tmpdir(), 'grantd-bench-'))
  mkdirSync(join(credentials, 'keys'), { mode: 0o700 })
  const key = join(credentials, 'keys', 'grantd-sealing-key')
  writeFileSync(key, randomBytes(32), { mode: 0o400 })
  const environment = { CREDENTIALS_DIRECTORY: join(credentials, 'keys') }
  const config = '[vault]\nsealing_key = "credential-file"\n'
  const world = await startWorld({ config, environment })
  await world.login()
  await world.kill()
  const serve = [process.execPath, COMMAND, 'serve', ...world.serveArguments]
  const bare = join(credentials, 'bare.sock')
  return {
    rows: [
      {
        name: 'first-token',
        what: 'connection to first token of a service that it starts, p50',
        against: 'a bare server of Node that is started the same way',
        goal: 4,
        pair: {
          ours: () => start(world.sockets.broker, serve, world.environment),
          baseline: () => start(bare, [process.execPath, '-e', BARE], {}),
          calls: 3,
        },
      },
    ],
    async close() {
      await world.close()
      rmSync(credentials, { recursive: true })
    },
  }
}

/** Milliseconds from the connection to the answer; the service is ended after it. */
async function start(
  path: string,
  program: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const service = await activate(path, program, env)
  try {
    return await timed(asker(path))
  } finally {
    service.kill('SIGTERM')
    await once(service, 'exit')
  }
}

/** Binds a socket; whoever connects to it makes the program of it, with the same pid. */
async function activate(
  path: string,
  program: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<ChildProcess> {
  rmSync(path, { force: true })
  const passed = Object.keys(env).map((name) => `--setenv=${name}`)
  const options = [`--listen=${path}`, '--fdname=broker', ...passed]
  const service = spawn('systemd-socket-activate', [...options, ...program], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  // says where it listens; to connect would be to start the program
  await once(service.stderr, 'data')
  service.stderr.resume()
  return service
}

async function timed(ask: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await ask()
  return performance.now() - start
}
