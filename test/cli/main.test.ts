import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { DEVICE_LOGIN, TOKEN } from '../fakes/cli-answers.ts'
import { CliDaemon, type FakeReply, ok, problem, type Script } from '../fakes/cli-daemon.ts'
import { needsLinux } from '../needs.ts'

const MAIN = fileURLToPath(new URL('../../cli/main.js', import.meta.url))

const LOGIN = ['login', 'work', '--issuer', 'https://as.example', '--client-id', 'cli']

interface Ended {
  readonly exit: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** The command as a process of its own, before a scripted daemon; its stdout may be a file. */
async function start(t: Test, argv: readonly string[], script: Script = {}, stdout?: string) {
  const daemon = await CliDaemon.start(script)
  t.teardown(() => daemon.stop())
  const env = { ...process.env, GRANTD_SOCK: daemon.socketPath('broker') }
  // a daemon refuses to run beside what the runner adds
  const untouched = argv[0] === 'serve' ? 'unset NODE_OPTIONS; ' : ''
  const child = spawn(
    'sh',
    [
      '-c',
      `${untouched}${stdout === undefined ? 'exec "$@"' : `exec "$@" >${stdout}`}`,
      'sh',
      process.execPath,
      MAIN,
      ...argv,
    ],
    { env },
  )
  const read = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => (read.stdout += String(chunk)))
  child.stderr.on('data', (chunk) => (read.stderr += String(chunk)))
  const end = once(child, 'close').then(([exit, signal]): Ended => ({ exit, signal, ...read }))
  return { child, daemon, end }
}

t.test('stdout is the token and a newline', async (t) => {
  const issued = { 'broker POST /v1/token': () => ok(TOKEN) }
  const { end } = await start(t, ['token', 'work'], issued)
  t.same(await end, { exit: 0, signal: null, stdout: 'at-1\n', stderr: '' })
})

t.test('the exit status tells what went wrong', async (t) => {
  const refused = { 'broker POST /v1/token': () => problem('vault_locked', 'the vault is locked') }
  const cases: [string[], number][] = [
    [['token', 'work'], 5],
    [['token'], 2],
    [['frobnicate'], 2],
    [['--help'], 0],
  ]
  for (const [argv, status] of cases) {
    const { end } = await start(t, argv, refused)
    t.equal((await end).exit, status, argv.join(' '))
  }
})

t.test('no daemon: exit status 6', async (t) => {
  const { daemon, child, end } = await start(t, ['token', 'work', '--rejected-stdin'])
  await daemon.stop()
  child.stdin.end('stale\n')
  const { exit, stdout, stderr } = await end
  t.same([exit, stdout], [6, ''])
  t.match(stderr, /^grantd: no daemon listens on .*\nhint: .*grantd serve\n$/)
})

/** A daemon that answers nothing more once it is polled. */
function pending(joined: boolean, polls: EventEmitter): Script {
  return {
    'admin POST /v1/logins': () => ok({ ...DEVICE_LOGIN, joined }),
    [`admin GET /v1/logins/${DEVICE_LOGIN.id}`]: () => {
      polls.emit('poll')
      return new Promise<FakeReply>(() => {})
    },
    [`admin DELETE /v1/logins/${DEVICE_LOGIN.id}`]: () =>
      ok({ ...DEVICE_LOGIN, state: 'cancelled' }),
  }
}

t.test('Ctrl-C ends a login, and takes it back unless it was joined', async (t) => {
  for (const [joined, methods] of [
    [false, ['POST', 'GET', 'DELETE']],
    [true, ['POST', 'GET']],
  ] as const) {
    const polls = new EventEmitter()
    const { child, daemon, end } = await start(t, LOGIN, pending(joined, polls))
    await once(polls, 'poll')
    child.kill('SIGINT')
    const { exit, stdout, stderr } = await end
    t.same([exit, stdout], [130, ''])
    t.match(stderr, /WDJB-MJHT/)
    t.same(
      daemon.seen.map(({ method }) => method),
      methods,
    )
  }
})

t.test('a disk that is full is told, with exit status 1', needsLinux(), async (t) => {
  const issued = { 'broker POST /v1/token': () => ok(TOKEN) }
  const { end } = await start(t, ['token', 'work'], issued, '/dev/full')
  t.match(await end, { exit: 1, stderr: 'grantd: cannot write: ENOSPC\n' })
})

t.test('a reader that goes away leaves no stack trace', async (t) => {
  const { child, end } = await start(t, ['--help'])
  child.stdout.destroy()
  t.notMatch((await end).stderr, 'at ')
})

t.test('serve loads the daemon, which refuses a directory that is a file', async (t) => {
  const argv = ['serve', '--runtime-dir', MAIN, '--state-dir', MAIN]
  const { end } = await start(t, argv)
  const { exit, stdout, stderr } = await end
  t.same([exit, stdout], [1, ''])
  t.match(stderr, /^grantd: .*main\.js.*\n/)
})

t.test('serve --json says in one object why it did not start', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'grantd-serve-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const inTheWay = join(home, 'run', 'admin.sock')
  mkdirSync(join(home, 'run'), { mode: 0o700 })
  writeFileSync(inTheWay, 'a file')
  writeFileSync(join(home, 'config.toml'), '[vault]\nsealing_key = "memory"\n', { mode: 0o600 })
  const argv = ['serve', `--runtime-dir=${home}/run`, `--state-dir=${home}/state`]
  const config = `--config=${home}/config.toml`
  const hint = `look at it, then remove "${inTheWay}"`
  const plain = await (await start(t, [...argv, config])).end
  t.equal(plain.exit, 1)
  t.equal(plain.stderr, `grantd: "${inTheWay}" is not a socket of ours\nhint: ${hint}\n`)
  const asJson = await (await start(t, [...argv, config, '--json'])).end
  t.equal(asJson.exit, 1)
  t.same(JSON.parse(asJson.stderr), {
    type: 'about:blank',
    title: 'the command failed',
    detail: `"${inTheWay}" is not a socket of ours`,
    hint,
  })
})

/** Modules that are loaded before the first line of `entries` runs. */
function staticImports(...entries: string[]): Set<string> {
  const found = new Set(entries)
  for (const url of found) {
    if (!url.startsWith('file:')) continue
    const text = readFileSync(new URL(url), 'utf8')
    const statement = /^(?:import|export)\s(?:[^'"();]*?\sfrom\s+)?['"]([^'"]+)['"]/gm
    for (const [, name = ''] of text.matchAll(statement)) {
      found.add(name.startsWith('.') ? new URL(name, url).href : import.meta.resolve(name))
    }
  }
  return found
}

t.test('the token command loads neither HTTP nor the daemon nor another command', async (t) => {
  const cli = new URL('../../cli/', import.meta.url).href
  const loaded = staticImports(`${cli}main.js`, `${cli}token.js`)
  const builtin = [...loaded].filter((url) => !url.startsWith('file:')).sort()
  t.same(builtin, ['node:fs', 'node:net', 'node:os', 'node:path', 'node:util'])
  const own = [...loaded].filter((url) => url.startsWith(cli)).map((url) => url.slice(cli.length))
  t.same(own.sort(), [
    'answer.js',
    'commands.js',
    'connect.js',
    'grant-name.js',
    'main.js',
    'options.js',
    'process-timers.js',
    'process-world.js',
    'run.js',
    'token.js',
    'usage-error.js',
    'version.js',
  ])
  t.notOk([...loaded].some((url) => /\/daemon\/|uqr/.test(url)))
  const sdk = [...loaded].flatMap((url) => /\/client-sdk\/dist\/(.*)$/.exec(url)?.[1] ?? [])
  t.same(sdk.sort(), [
    'connection.js',
    'error-codes.js',
    'format-request.js',
    'grantd-error.js',
    'link.js',
    'parse-answer.js',
    'parse-head.js',
    'parse-problem.js',
    'pending-request.js',
    'protocol.js',
    'read-answer.js',
    'socket-path.js',
    'trust-socket.js',
    'unreachable.js',
  ])
  t.equal(loaded.size, builtin.length + own.length + sdk.length, 'and nothing else')
})

t.test('serve refuses to run where what issuers say could be read', async (t) => {
  const daemon = spawn(process.execPath, [MAIN, 'serve'], {
    env: { ...process.env, HOME: t.testdir(), NODE_TLS_REJECT_UNAUTHORIZED: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  daemon.stderr.on('data', (chunk) => (said += String(chunk)))
  t.same(await once(daemon, 'close'), [1, null])
  // whichever it sees first: the runner of the tests adds one of its own
  t.match(said, /^grantd: (?:NODE_TLS_REJECT_UNAUTHORIZED|"--import" in NODE_OPTIONS)/m)
})
