import type { LoginView, Problem } from '@grantd/client/protocol'
import t, { type Test } from 'tap'
import { run } from '../../cli/run.ts'
import type { Interrupt } from '../../cli/world.ts'
import { DEVICE_LOGIN, GRANT } from '../fakes/cli-answers.ts'
import { type FakeReply, ok, problem } from '../fakes/cli-daemon.ts'
import { scene, session } from '../fakes/cli-session.ts'

const ARGV = ['login', 'work', '--issuer', 'https://as.example', '--client-id', 'cli']
const POST = 'admin POST /v1/logins'
const LOGIN = `/v1/logins/${DEVICE_LOGIN.id}`
const COMPLETE: LoginView = { ...DEVICE_LOGIN, state: 'complete', result: GRANT }
const CANCELLED: LoginView = { ...DEVICE_LOGIN, state: 'cancelled' }

/** A daemon whose login ends with `end`. */
const endsWith = (end: LoginView, start: LoginView = DEVICE_LOGIN) => ({
  [POST]: () => ok(start),
  [`admin GET ${LOGIN}`]: () => ok(end),
  [`admin DELETE ${LOGIN}`]: () => ok(CANCELLED),
})

t.test('a login from start to end', async (t) => {
  const argv = [...ARGV, '--scope', 'repo:read openid']
  const { exit, stdout, stderr, daemon, world } = await session(t, argv, endsWith(COMPLETE))
  t.same([exit, stdout], [0, ''])
  t.match(stderr, /WDJB-MJHT[\s\S]*logged in: "work" at https:\/\/as\.example\n/)
  t.match(daemon.seen[0]?.body, { grant: 'work', flow: 'device', scope: 'repo:read openid' })
  t.match(daemon.seen[1], { method: 'GET', url: `${LOGIN}?wait=25` })
  t.equal(world.listening, 0, 'no signal is caught any more')
})

t.test('the hint "grantd login NAME" can be followed as it stands', async (t) => {
  const script = { ...endsWith(COMPLETE), 'admin GET /v1/grants/work': () => ok(GRANT) }
  const { exit, daemon } = await session(t, ['login', 'work', '--flow', 'browser'], script)
  t.equal(exit, 0)
  t.match(daemon.seen[1]?.body, {
    grant: 'work',
    issuer: 'https://as.example',
    client_id: 'cli',
    flow: 'browser',
    scope: 'openid repo:read repo:write',
  })
  const unknown = { 'admin GET /v1/grants/work': () => problem('unknown_grant', 'no grant "work"') }
  const { exit: refused, stderr } = await session(t, ['login', 'work'], unknown)
  t.equal(refused, 2)
  t.match(stderr, /--issuer is missing/)
})

t.test('the help explains each kind of narrowing and asks for a refresh token', async (t) => {
  const { exit, stdout } = await session(t, ['login', '--help'])
  t.equal(exit, 0)
  for (const kind of ['honored', 'ignored', 'sticky', 'none'])
    t.match(stdout, new RegExp(`\\b${kind} \\(`), kind)
  t.match(stdout, /^example: .*offline_access\n.*--scope "offline_access /m)
})

t.test('a person at a display logs in with the browser', async (t) => {
  const authorization_uri = 'https://as.example/authorize?x=1'
  const browser: LoginView = { ...COMPLETE, state: 'pending', flow: 'browser', authorization_uri }
  const options = { isTerminal: true, env: { DISPLAY: ':0' } }
  const script = endsWith(COMPLETE, browser)
  const { daemon, world } = await session(t, ARGV, script, options)
  t.match(daemon.seen[0]?.body, { flow: 'browser' })
  t.same(world.started, [['xdg-open', authorization_uri]])
  const silent = await session(t, [...ARGV, '--no-browser'], script, options)
  t.same(silent.world.started, [])
})

t.test('with --json: a line for the start, a line for the end', async (t) => {
  const { exit, stdout, stderr } = await session(t, [...ARGV, '--json'], endsWith(COMPLETE))
  t.same([exit, stderr], [0, ''])
  const lines = stdout.trimEnd().split('\n')
  t.same(
    lines.map((line) => JSON.parse(line)),
    [DEVICE_LOGIN, COMPLETE],
  )
})

t.test('the client secret comes by stdin and is never shown', async (t) => {
  const argv = [...ARGV, '--client-secret-stdin']
  const { stdout, stderr, daemon } = await session(t, argv, endsWith(COMPLETE), {
    stdin: 'hunter2\n',
  })
  t.match(daemon.seen[0]?.body, { client_secret: 'hunter2' })
  t.notMatch(stdout + stderr, 'hunter2')
  t.equal((await session(t, argv, endsWith(COMPLETE), { stdin: '' })).exit, 2)
})

function failed({ body }: FakeReply): LoginView {
  return { ...DEVICE_LOGIN, state: 'failed', problem: body as Problem }
}

t.test('a login that fails has the exit status of its reason', async (t) => {
  const cases: [LoginView, number, RegExp][] = [
    [failed(problem('access_denied', 'the person said no')), 4, /^grantd: the person said no$/m],
    [
      failed(problem('login_required', 'time is up', { hint: 'grantd login work' })),
      3,
      /^grantd: time is up\nhint: grantd login work$/m,
    ],
    [
      failed({ status: 500, body: { code: 'from_the_future', detail: 'new' } }),
      1,
      /^grantd: new$/m,
    ],
    [CANCELLED, 1, /^grantd: the login was cancelled$/m],
  ]
  for (const [end, status, text] of cases) {
    const { exit, stdout, stderr } = await session(t, ARGV, endsWith(end))
    t.same([exit, stdout], [status, ''])
    t.match(stderr, text)
  }
})

t.test('a login that cannot start', async (t) => {
  const script = { [POST]: () => problem('issuer_rejected', 'unknown client "cli"') }
  const { exit, stderr, world } = await session(t, ARGV, script)
  t.same([exit, stderr, world.listening], [1, 'grantd: unknown client "cli"\n', 0])
})

t.test('a login that stands in the way is shown', async (t) => {
  const refusedBy = (login: Problem['login']) => ({
    [POST]: () => problem('invalid_request', 'another one', { ...(login && { login }), hint: 'x' }),
  })
  const cases: [Problem['login'], string][] = [
    [
      { verification_uri: 'https://as.example/device', user_code: 'WDJB-MJHT' },
      'a login is already pending: open https://as.example/device, enter WDJB-MJHT',
    ],
    [
      { verification_uri: 'https://as.example/x' },
      'a login is already pending: open https://as.example/x',
    ],
    [undefined, 'x'],
  ]
  for (const [login, hint] of cases) {
    const { exit, stderr } = await session(t, ARGV, refusedBy(login))
    t.same([exit, stderr], [2, `grantd: another one\nhint: ${hint}\n`])
  }
  const gone = await session(t, ARGV, {}, { socketPath: () => '/nonexistent/admin.sock' })
  t.equal(gone.exit, 6, 'other errors stay as they are')
})

t.test('a person may leave a login alone that somebody else started', async (t) => {
  const script = endsWith(COMPLETE, { ...DEVICE_LOGIN, joined: true })
  const options = { isTerminal: true, stdin: 'n\n' }
  const { exit, daemon, stderr } = await session(t, ARGV, script, options)
  t.equal(exit, 1)
  t.equal(daemon.seen.length, 1, 'neither followed nor cancelled')
  t.match(stderr, /join it\? \[Y\/n\] $/)
  const joined = await session(t, ARGV, script, { ...options, stdin: 'y\n' })
  t.equal(joined.exit, 0)
})

/** Runs a login that gets a signal at its first `step`. */
async function interruptedAt(
  t: Test,
  step: string,
  start: LoginView,
  onDelete: () => FakeReply = () => ok(CANCELLED),
  signal: Interrupt = 'SIGINT',
) {
  const never = new Promise<FakeReply>(() => {})
  const { daemon, world } = await scene(t, {
    [POST]: () => {
      if (step === 'POST') world.interrupt(signal)
      return ok(start)
    },
    [`admin GET ${LOGIN}`]: () => {
      world.interrupt(signal)
      return never
    },
    [`admin DELETE ${LOGIN}`]: onDelete,
  })
  const exit = await run(world, ARGV)
  return { exit, methods: daemon.seen.map(({ method }) => method), stderr: world.stderr.text }
}

t.test('Ctrl-C takes back a login this command started', async (t) => {
  const polled = await interruptedAt(t, 'GET', DEVICE_LOGIN)
  t.same([polled.exit, polled.methods], [130, ['POST', 'GET', 'DELETE']])
  t.match(polled.stderr, /^grantd: interrupted; the login is cancelled$/m)

  const early = await interruptedAt(t, 'POST', DEVICE_LOGIN)
  t.same([early.exit, early.methods], [130, ['POST', 'DELETE']])
  t.notMatch(early.stderr, 'WDJB-MJHT')
})

t.test('so does the end of the terminal', async (t) => {
  const closed = await interruptedAt(t, 'GET', DEVICE_LOGIN, undefined, 'SIGHUP')
  t.same([closed.exit, closed.methods], [129, ['POST', 'GET', 'DELETE']])
})

t.test('Ctrl-C only lets go of a login this command joined', async (t) => {
  const { exit, methods, stderr } = await interruptedAt(t, 'GET', { ...DEVICE_LOGIN, joined: true })
  t.same([exit, methods], [130, ['POST', 'GET']])
  t.match(stderr, 'goes on without this terminal')
})

t.test('Ctrl-C at the question is no answer', async (t) => {
  const joined = { ...DEVICE_LOGIN, joined: true }
  const { daemon, world } = await scene(t, { [POST]: () => ok(joined) }, { isTerminal: true })
  const { stderr } = world
  const write = stderr.write.bind(stderr)
  stderr.write = (text) => {
    write(text)
    if (text.endsWith('[Y/n] ')) world.interrupt('SIGINT')
  }
  t.equal(await run(world, ARGV), 130)
  t.equal(daemon.seen.length, 1)
})

function refused(): FakeReply {
  return problem('overloaded', 'too much to do')
}

t.test('a login that cannot be taken back is said to stay', async (t) => {
  const { exit, stderr } = await interruptedAt(t, 'GET', DEVICE_LOGIN, refused)
  t.equal(exit, 130)
  t.match(stderr, /could not be cancelled: too much to do$/m)
})
