import t from 'tap'
import { run } from '../../cli/run.ts'
import { LOCKED_VAULT, VAULT } from '../fakes/cli-answers.ts'
import { ok, problem } from '../fakes/cli-daemon.ts'
import { scene, session } from '../fakes/cli-session.ts'

const { needs: _needs, ...BY_KEEPER } = LOCKED_VAULT
const GET = 'admin GET /v1/vault'
const POST = 'admin POST /v1/vault/unlock'

/** A vault that is like this first and open afterwards. */
const unlocks = (before: object) => ({ [GET]: () => ok(before), [POST]: () => ok(VAULT) })

t.test('a passphrase from a pipe opens the vault', async (t) => {
  const argv = ['unlock', '--passphrase-stdin']
  const { exit, stdout, daemon } = await session(t, argv, unlocks(LOCKED_VAULT), {
    stdin: 'open\n',
  })
  t.same([exit, stdout], [0, 'unlocked, 3 grants\n'])
  t.same(
    daemon.seen.map(({ method, body }) => [method, body]),
    [
      ['GET', undefined],
      ['POST', { passphrase: 'open' }],
    ],
  )
})

t.test('a person types it, and gives up with Ctrl-C', async (t) => {
  for (const [keys, exit, requests] of [
    ['open\r', 0, 2],
    ['op\x03', 130, 1],
  ] as const) {
    const { daemon, world } = await scene(t, unlocks(LOCKED_VAULT), { isTerminal: true })
    world.stdin.push(keys)
    t.equal(await run(world, ['unlock']), exit)
    t.equal(daemon.seen.length, requests)
    t.same(world.modes, [true, false])
    t.equal(world.listening, 0, 'no signal is caught any more')
  }
})

t.test('a signal while it is typed ends the command and gives the terminal back', async (t) => {
  const { world } = await scene(t, unlocks(LOCKED_VAULT), { isTerminal: true })
  const running = run(world, ['unlock'])
  while (world.listening === 0) await new Promise(setImmediate)
  world.interrupt('SIGTERM')
  t.equal(await running, 143)
  t.same(world.modes.at(-1) ?? false, false)
})

t.test('nobody is asked for what is not needed', async (t) => {
  const keeper = await session(t, ['unlock', '--json'], unlocks(BY_KEEPER))
  t.same(JSON.parse(keeper.stdout), VAULT)
  t.same(keeper.daemon.seen[1]?.body, {})
  const open = await session(t, ['unlock'], unlocks(VAULT))
  t.same([open.exit, open.daemon.seen.length], [0, 1], 'an open one is left as it is')
})

t.test('what could not be opened is said', async (t) => {
  const broken = [{ file: 'x.grant', reason: 'damaged' }]
  const script = { ...unlocks(BY_KEEPER), [POST]: () => ok({ ...VAULT, broken }) }
  const { stdout } = await session(t, ['unlock'], script)
  t.equal(stdout, 'unlocked, 3 grants; 1 grant cannot be opened, see: grantd vault status\n')
})

t.test('a wrong one says how long to wait', async (t) => {
  const extras = { retry_after: 4 }
  for (const [code, exit] of [
    ['vault_locked', 5],
    ['rate_limited', 75],
  ] as const) {
    const refusal = () => problem(code, 'this passphrase does not open the vault', extras)
    const script = { ...unlocks(LOCKED_VAULT), [POST]: refusal }
    const ran = await session(t, ['unlock', '--passphrase-stdin'], script, { stdin: 'wrong\n' })
    t.equal(ran.exit, exit)
    t.match(ran.stderr, /does not open the vault\nhint: try again in 4 s\n/)
    t.notMatch(ran.stderr, /wrong/)
  }
})

t.test('without a terminal and a pipe there is nothing to do', async (t) => {
  const { exit, stderr } = await session(t, ['unlock'], unlocks(LOCKED_VAULT))
  t.equal(exit, 2)
  t.match(stderr, /--passphrase-stdin/)
})
