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

function load(): Promise<never> {
  return Promise.reject(new Error('must not be loaded'))
}

t.test('a wrong command line starts no daemon', async (t) => {
  for (const args of [['x'], ['--log-level', 'loud'], ['--daemonize']]) {
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
