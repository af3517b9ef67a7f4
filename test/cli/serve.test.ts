import { resolve } from 'node:path'
import t from 'tap'
import { run, type ServeOptions } from '../../cli/serve.ts'
import { FakeWorld } from '../fakes/cli-world.ts'

async function served(args: string[]): Promise<ServeOptions[]> {
  const seen: ServeOptions[] = []
  const runDaemon = async (options: ServeOptions) => {
    seen.push(options)
    return 7
  }
  t.equal(await run(new FakeWorld(), args, async () => ({ runDaemon })), 7)
  return seen
}

t.test('what is not said is left to the daemon', async (t) => {
  t.same(await served([]), [{ allowLoopbackHttpIssuer: false }])
})

t.test('paths are made absolute before the daemon may leave the directory', async (t) => {
  const argv = '--runtime-dir run --state-dir /state --config c.toml --log-level debug'
  t.same(await served([...argv.split(' '), '--allow-loopback-http-issuer']), [
    {
      runtimeDirectory: resolve('run'),
      stateDirectory: '/state',
      configFile: resolve('c.toml'),
      logLevel: 'debug',
      allowLoopbackHttpIssuer: true,
    },
  ])
})

t.test('whose programs are answered can be said by a number', async (t) => {
  for (const [text, owner] of [
    ['1000', 1000],
    ['4294967294', 4_294_967_294],
  ] as const)
    t.same(await served(['--owner', text]), [{ allowLoopbackHttpIssuer: false, owner }])
})

function load(): Promise<never> {
  return Promise.reject(new Error('must not be loaded'))
}

t.test('a wrong command line starts no daemon', async (t) => {
  for (const args of [
    ['x'],
    ['--log-level', 'loud'],
    ['--daemonize'],
    ...['0', '-1', 'alice', '1e3', '010', '4294967295', ''].map((uid) => [`--owner=${uid}`]),
  ]) {
    await t.rejects(run(new FakeWorld(), args, load), { name: 'UsageError' })
  }
})

t.test('why it did not start is left to whoever prints errors', async (t) => {
  const error = new Error('"/run" is not ours')
  const runDaemon = () => Promise.reject(error)
  await t.rejects(
    run(new FakeWorld(), ['--json'], async () => ({ runDaemon })),
    error,
  )
})
