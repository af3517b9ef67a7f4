import { spawnSync } from 'node:child_process'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { shortDirectory } from '../fakes/short-directory.ts'
import { startProgram } from '../integration/command.ts'

const MODULE = new URL('../../daemon/main.js', import.meta.url).href
const COMMAND = fileURLToPath(new URL('../../cli/main.js', import.meta.url))

function serve(directory: string): readonly string[] {
  const places = ['runtime', 'state'].map((name) => `--${name}-dir=${join(directory, name)}`)
  return [COMMAND, 'serve', ...places, `--config=${join(directory, 'config.toml')}`]
}

t.test('a daemon that others could look into does not start, and says why', async (t) => {
  const directory = shortDirectory(t)
  const agent = join(t.testdir({ 'agent.cjs': '' }), 'agent.cjs')
  for (const [node, environment, why] of [
    [['--inspect=127.0.0.1:0'], [], /"--inspect" on the command line of node|a debugger may/],
    [[`--require=${agent}`], [], /"--require" on the command line of node loads other code/],
    [[], [`NODE_OPTIONS=--require=${agent}`], /"--require" in NODE_OPTIONS loads other code/],
    [[], ['NODE_DEBUG=http'], /NODE_DEBUG prints what issuers send/],
    [[], ['OPENSSL_CONF=/dev/null'], /OPENSSL_CONF loads other code/],
    [[], ['NODE_UNIQUE_ID=1'], /NODE_UNIQUE_ID makes this process a worker/],
  ] as const) {
    const command = ['-u', 'NODE_OPTIONS', ...environment, process.execPath, ...node]
    const { status, stderr } = spawnSync('/usr/bin/env', [...command, ...serve(directory)], {
      env: { PATH: process.env['PATH'], HOME: directory },
      encoding: 'utf8',
      killSignal: 'SIGKILL',
      timeout: 30_000,
    })
    t.equal(status, 1, String(why))
    t.match(stderr, why)
    t.match(stderr, /env -u NODE_OPTIONS grantd serve/)
  }
})

t.test('one that nobody touched starts, closed, and makes files of its own alone', async (t) => {
  const directory = shortDirectory(t)
  // what counts the lines of tests comes by NODE_OPTIONS, and has been loaded by then
  const program = `
    delete process.env.NODE_OPTIONS
    const { runDaemon } = await import(${JSON.stringify(MODULE)})
    process.exitCode = await runDaemon(JSON.parse(process.argv[1]))`
  const options = {
    runtimeDirectory: join(directory, 'run'),
    stateDirectory: join(directory, 'state'),
    configFile: join(directory, 'config.toml'),
    allowLoopbackHttpIssuer: false,
  }
  writeFileSync(options.configFile, '[vault]\nsealing_key = "memory"\n', { mode: 0o600 })
  const node = ['--input-type=module', '-e', program, JSON.stringify(options)]
  const daemon = startProgram(process.execPath, node, {
    environment: { PATH: process.env['PATH'], HOME: directory },
    directory,
  })
  await daemon.printed(/"msg":"(listening)"/)
  t.equal(statSync(join(directory, 'state', 'audit')).mode & 0o077, 0)
  daemon.kill('SIGUSR1')
  daemon.kill('SIGTERM')
  const { status, stderr } = await daemon.ended
  t.equal(status, 0)
  t.notMatch(stderr, /Debugger|can read our memory|may write our memory/)
})

t.test('why it does not start is thrown, before anything of it is loaded', async (t) => {
  const program = `
    delete process.env.NODE_OPTIONS
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    const { runDaemon } = await import(${JSON.stringify(MODULE)})
    await runDaemon({ allowLoopbackHttpIssuer: false }).catch(({ name, message, hint }) => {
      process.stdout.write(JSON.stringify({ name, message, hint }))
    })`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    env: { PATH: process.env['PATH'], HOME: shortDirectory(t) },
    encoding: 'utf8',
  })
  t.match(JSON.parse(stdout), {
    name: 'StartupError',
    message: /^NODE_TLS_REJECT_UNAUTHORIZED trusts everybody/,
    hint: /env -u NODE_OPTIONS/,
  })
})
