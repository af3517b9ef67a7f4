import t from 'tap'
import { run } from '../../cli/run.ts'
import { LOCKED_VAULT, VAULT } from '../fakes/cli-answers.ts'
import { ok } from '../fakes/cli-daemon.ts'
import { scene, session } from '../fakes/cli-session.ts'

const script = {
  'admin GET /v1/vault': () => ok(VAULT),
  'admin POST /v1/vault/init': () => ok(VAULT),
  'admin POST /v1/vault/rekey': () => ok(VAULT),
}

/** What was sent to change the vault. */
const sent = (seen: readonly { readonly method: string; readonly body: unknown }[]) =>
  seen.filter(({ method }) => method === 'POST').map(({ body }) => body)

t.test('status shows the vault', async (t) => {
  const { exit, stdout } = await session(t, ['vault', 'status'], script)
  t.equal(exit, 0)
  t.match(stdout, /^vault +open\nkey kept by +a passphrase\n/)
  const locked = { 'admin GET /v1/vault': () => ok(LOCKED_VAULT) }
  const { exit: same, stdout: json } = await session(t, ['vault', 'status', '--json'], locked)
  t.same([same, JSON.parse(json)], [0, LOCKED_VAULT], 'to know that it is locked is no failure')
})

t.test('a new passphrase replaces an old one without naming the keeper', async (t) => {
  const { daemon, world } = await scene(t, script, { isTerminal: true })
  world.stdin.push('correct horse\rcorrect horse\r')
  t.equal(await run(world, ['vault', 'rekey']), 0)
  t.same(sent(daemon.seen), [{ passphrase: 'correct horse' }])
  t.match(world.stdout.text, /^a new key seals 3 grants, kept by a passphrase\n$/)
  t.notMatch(world.stderr.text + world.stdout.text, /correct/)
})

t.test('nobody types a new passphrase for a vault that is locked', async (t) => {
  const locked = { ...script, 'admin GET /v1/vault': () => ok(LOCKED_VAULT) }
  for (const more of [[], ['--provider', 'passphrase']]) {
    const { daemon, world } = await scene(t, locked, { isTerminal: true })
    await run(world, ['vault', 'rekey', ...more])
    t.notMatch(world.stderr.text, /passphrase/)
    t.equal(sent(daemon.seen).length, 1, 'the daemon is asked, and refuses')
  }
})

t.test('a first passphrase is asked for where one is configured', async (t) => {
  const { provider: _provider, ...bare } = LOCKED_VAULT
  for (const [needs, keys, body] of [
    ['init', 'correct horse\rcorrect horse\r', { passphrase: 'correct horse' }],
    ['key', '', {}],
  ] as const) {
    const waiting = { ...script, 'admin GET /v1/vault': () => ok({ ...bare, needs }) }
    const { daemon, world } = await scene(t, waiting, { isTerminal: true })
    world.stdin.push(keys)
    t.equal(await run(world, ['vault', 'init']), 0)
    t.same(sent(daemon.seen), [body])
  }
})

t.test('only a passphrase is asked for', async (t) => {
  const rekey = ['vault', 'rekey', '--provider', 'kernel_keyring', '--json']
  const { exit, stdout, daemon } = await session(t, rekey, script)
  t.same([exit, JSON.parse(stdout)], [0, VAULT])
  t.same(sent(daemon.seen), [{ provider: 'kernel_keyring' }])
  const init = ['vault', 'init', '--provider', 'passphrase', '--passphrase-stdin']
  const first = await session(t, init, script, { stdin: 'correct horse' })
  t.same(sent(first.daemon.seen), [{ provider: 'passphrase', passphrase: 'correct horse' }])
  t.equal(first.stdout, 'the vault has a new key, kept by a passphrase\n')
})

t.test('sealed grants are deleted by who says so twice', async (t) => {
  const argv = ['vault', 'init', '--provider', 'keychain', '--discard-sealed']
  const unasked = await session(t, argv, script)
  t.same([unasked.exit, unasked.daemon.seen], [2, []])
  t.match(unasked.stderr, /needs --yes/)
  const agreed = await session(t, [...argv, '--yes'], script)
  t.same(sent(agreed.daemon.seen), [{ provider: 'keychain', discard_sealed: true }])
  for (const [keys, exit, count] of [
    ['\n', 1, 0],
    ['n\n', 1, 0],
    ['y\n', 0, 1],
  ] as const) {
    const { daemon, world } = await scene(t, script, { isTerminal: true })
    world.stdin.push(keys)
    t.equal(await run(world, argv), exit, JSON.stringify(keys))
    t.equal(sent(daemon.seen).length, count)
    t.match(world.stderr.text, /refresh tokens stay alive at the issuers/)
  }
})

t.test('Ctrl-C at any question changes nothing', async (t) => {
  for (const argv of [
    ['rekey'],
    ['init', '--discard-sealed', '--yes', '--provider', 'passphrase'],
  ]) {
    const { daemon, world } = await scene(t, script, { isTerminal: true })
    world.stdin.push('correct horse\r\x03')
    t.equal(await run(world, ['vault', ...argv]), 130)
    t.same(sent(daemon.seen), [])
    t.equal(world.modes.at(-1), false)
  }
  const { world, daemon } = await scene(t, script, { isTerminal: true })
  const running = run(world, ['vault', 'init', '--discard-sealed'])
  while (world.listening === 0) await new Promise(setImmediate)
  world.interrupt('SIGHUP')
  t.equal(await running, 129)
  t.same(daemon.seen, [])
})
