import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { askSocket } from '../fakes/ask-socket.ts'
import { heard } from '../fakes/heard.ts'
import { COMPILER, launchdLibrary } from '../fakes/launchd-library.ts'
import { shortDirectory } from '../fakes/short-directory.ts'
import { needs } from '../needs.ts'
import { type Activated, activated } from './activated.ts'
import { add, denied, kept, token, worldWithGrant } from './capability.ts'
import { COMMAND, UNTOUCHED } from './command.ts'
import type { World } from './world.ts'

const noRoute = { status: 400, json: { code: 'invalid_request' } }

/** What every daemon here is started with. */
const serve = (world: World): readonly string[] => [
  ...UNTOUCHED,
  process.execPath,
  COMMAND,
  'serve',
  ...world.serveArguments,
]

async function logged(daemon: Activated, text: string): Promise<void> {
  while (!daemon.errors().includes(text)) await pause(10)
}

t.test('sockets of systemd', needs('systemd-socket-activate'), async (t) => {
  const options = kept(t)
  const { config = '', environment = {} } = options
  const world = await worldWithGrant(t, options)
  const { broker, admin } = world.sockets
  const directory = shortDirectory(t)
  const ci = (await add(world, { path: join(directory, 'ci') })).path
  const nobodys = join(directory, 'nobodys')
  await world.kill()
  const names = [
    [ci, 'capability'],
    [admin, 'admin'],
    [nobodys, 'capability'],
    [broker, 'broker'],
  ] as const
  const env = { ...world.environment, ...environment }

  await t.test('are what their names say, and the first request is served', async (t) => {
    const daemon = await activated(t, names, serve(world), env)
    t.match(await token(ci), { status: 200, json: { grant: 'work' } })
    t.match(await token(broker, { grant: 'work' }), { status: 200, json: { grant: 'work' } })
    t.match(await token(admin, { grant: 'work' }), noRoute, 'no tokens there')
    t.match(await askSocket(broker, 'GET', '/v1/status'), noRoute)
    t.match((await askSocket(admin, 'GET', '/v1/status')).json, {
      activation: 'systemd',
      sockets: { broker, admin },
    })
    t.match(await token(ci, { scope: 'repo:write' }), denied)

    t.equal(await heard(nobodys), 'hung up', 'where no capability is, nobody waits')
    t.match(daemon.errors(), `"path":"${nobodys}"`)
    const late = { name: 'late', path: nobodys }
    t.equal((await add(world, late)).path, nobodys, 'one that is added has it')
    t.match(await token(nobodys), { status: 200 })
    t.match(
      await askSocket(admin, 'POST', '/v1/capabilities', { ...late, name: 'x', grant: 'work' }),
      {
        status: 400,
        json: { detail: `another capability listens at "${nobodys}"` },
      },
    )
    t.equal((await askSocket(admin, 'DELETE', '/v1/capabilities/late')).status, 200)
    t.equal(await heard(nobodys), 'hung up')
    t.ok(existsSync(nobodys), 'its file is not ours')

    daemon.kill('SIGTERM')
    t.equal(await daemon.ended, 0)
    for (const [path] of names) t.ok(existsSync(path), path)
  })

  await t.test('let a daemon end whom nobody asks, though there is a capability', async (t) => {
    writeFileSync(join(world.directory, 'config.toml'), `${config}[service]\nidle_exit = "1s"\n`)
    const daemon = await activated(t, names, serve(world), env)
    t.match(await token(ci), { status: 200 })
    t.equal(await daemon.ended, 0)
    t.match(daemon.errors(), '"signal":"idle"')
    writeFileSync(join(world.directory, 'config.toml'), config)
  })

  await t.test('in a directory of anybody else are none', async (t) => {
    const daemon = await activated(t, names, serve(world), env)
    chmodSync(dirname(broker), 0o770)
    t.not(await heard(broker), 'waits')
    t.equal(await daemon.ended, 1)
    t.match(daemon.errors(), /is open to others/)
    chmodSync(dirname(broker), 0o700)
  })
})

/** A daemon of a directory of its own, whose sockets are there before it. */
function place(t: Test): { readonly directory: string; readonly words: readonly string[] } {
  const directory = shortDirectory(t)
  for (const name of ['run', 'state']) mkdirSync(join(directory, name), { mode: 0o700 })
  const config = join(directory, 'config.toml')
  writeFileSync(config, '[vault]\nsealing_key = "memory"\n', { mode: 0o600 })
  const words = [
    `--runtime-dir=${join(directory, 'run')}`,
    `--state-dir=${join(directory, 'state')}`,
    `--config=${config}`,
  ]
  return { directory, words: [...UNTOUCHED, process.execPath, COMMAND, 'serve', ...words] }
}

t.test(
  'what cannot be served is refused in a sentence',
  needs('systemd-socket-activate', 'sh'),
  async (t) => {
    const table: readonly (readonly [readonly string[], string])[] = [
      [['broker', 'agent'], 'a socket named "agent" was handed over, which we do not serve'],
      [['broker', 'broker'], 'two sockets named "broker" were handed over'],
    ]
    for (const [names, sentence] of table) {
      const { directory, words } = place(t)
      const at = (index: number): string => join(directory, 'run', `${index}.sock`)
      const named = names.map((name, index) => [at(index), name] as const)
      const daemon = await activated(t, named, words, { HOME: directory })
      connect(at(0)).on('error', () => undefined)
      t.equal(await daemon.ended, 1)
      t.match(daemon.errors(), sentence)
    }
    const { directory, words } = place(t)
    const file = openSync('/dev/null', 'r')
    t.teardown(() => closeSync(file))
    // a file, and a socket that does not listen
    for (const handedOver of [file, 'pipe'] as const) {
      const script = 'LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=broker exec "$@"'
      const child = spawn('sh', ['-c', script, 'sh', ...words], {
        env: { PATH: process.env['PATH'], HOME: directory },
        stdio: ['ignore', 'ignore', 'pipe', handedOver],
      })
      let errors = ''
      child.stderr?.on('data', (chunk) => {
        errors += String(chunk)
      })
      t.same(await once(child, 'close'), [1, null])
      t.match(errors, 'the socket named "broker" does not listen at a path')
    }
  },
)

const MODULES = ['run-daemon', 'platform/launch-sockets'].map(
  (name) => new URL(`../../daemon/${name}.js`, import.meta.url).href,
)

/** The daemon on a system whose sockets come from launchd. */
const UNDER_LAUNCHD = `
  import { runUntilSignal } from '${MODULES[0]}'
  import { launchSockets } from '${MODULES[1]}'
  const [directory, library] = process.argv.slice(1)
  const options = {
    runtimeDirectory: directory + '/run',
    stateDirectory: directory + '/state',
    configFile: directory + '/config.toml',
    allowLoopbackHttpIssuer: false,
  }
  process.exitCode = await runUntilSignal(options, { isClosed: true, writesNoCore: true }, {
    platform: 'darwin',
    launchSockets: (name) => launchSockets(name, library),
  })`

t.test('sockets of launchd', needs('systemd-socket-activate', COMPILER), async (t) => {
  const { directory } = place(t)
  const at = (name: string): string => join(directory, 'run', name)
  const library = launchdLibrary(directory, { admin: [3], capability: [4], broker: [5] })
  const program = [...UNTOUCHED, process.execPath, '--input-type=module', '-e', UNDER_LAUNCHD]
  // systemd's names say something else, and nobody listens to them
  const daemon = await activated(
    t,
    [
      [at('a'), 'broker'],
      [at('c'), 'admin'],
      [at('b'), 'agent'],
    ],
    [...program, directory, library],
    { HOME: directory },
  )
  t.match(await askSocket(at('b'), 'GET', '/v1/grants'), { status: 200, json: { grants: [] } })
  t.match((await askSocket(at('a'), 'GET', '/v1/status')).json, {
    activation: 'launchd',
    sockets: { broker: at('b'), admin: at('a') },
  })
  await logged(daemon, 'handed over that is no capability')
  t.equal(await heard(at('c')), 'hung up')
  daemon.kill('SIGTERM')
  t.equal(await daemon.ended, 0)
  t.ok(existsSync(at('b')))
})
