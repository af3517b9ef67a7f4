import t from 'tap'
import { run } from '../../cli/run.ts'
import { NOT_REVOKED } from '../fakes/cli-answers.ts'
import { ok, problem } from '../fakes/cli-daemon.ts'
import { scene, session } from '../fakes/cli-session.ts'

const queued = {
  ...NOT_REVOKED,
  grant: 'home',
  revocation: 'queued',
  residual_until: '2030-01-01T00:04:00Z',
}

const script = {
  'admin POST /v1/grants/work/revoke': () =>
    ok({ ...NOT_REVOKED, grant: 'work', revocation: 'revoked_at_issuer' }),
  'admin POST /v1/grants/home/revoke': () => ok(queued),
  'admin POST /v1/grants/gone/revoke': () => problem('unknown_grant', 'no grant "gone"'),
}

t.test('revoke and logout are one', async (t) => {
  for (const verb of ['revoke', 'logout']) {
    const { exit, stdout, stderr } = await session(t, [verb, 'work'], script)
    t.same([exit, stdout, stderr], [0, 'work: revoked at the issuer\n', ''])
  }
})

t.test('a queued revocation is success here, and said to be no more', async (t) => {
  const { exit, stdout } = await session(t, ['revoke', 'home'], script)
  t.equal(exit, 0)
  t.match(stdout, /^home: ended here; queued: .*\n +access tokens .* may work until .*in 4 min/)
})

t.test('one that fails does not keep the others alive', async (t) => {
  const argv = ['revoke', '--json', 'gone', 'work', 'home', 'work']
  const { exit, stdout, stderr, daemon } = await session(t, argv, script)
  t.equal(exit, 4)
  t.equal(daemon.seen.length, 3, 'each once')
  t.match(JSON.parse(stderr), { code: 'unknown_grant' })
  const lines = stdout.trimEnd().split('\n')
  t.same(JSON.parse(lines[1] ?? ''), queued)
  t.equal(lines.length, 2)
})

t.test('a wrong name ends nothing, not even the right ones beside it', async (t) => {
  const { exit, daemon } = await session(t, ['revoke', 'work', '../home'], script)
  t.same([exit, daemon.seen], [2, []])
  t.equal((await session(t, ['revoke'], script)).exit, 2)
})

const ended = {
  grants: [{ ...NOT_REVOKED, grant: 'work' }],
  failed: [],
  broken: [],
  cancelled_logins: 0,
}
const all = { 'admin POST /v1/revoke-all': () => ok(ended) }

t.test('everything ends for who agrees', async (t) => {
  const agreed = await session(t, ['revoke', '--all', '--yes'], all)
  t.same([agreed.exit, agreed.stderr], [0, ''])
  t.match(agreed.stdout, /^work: ended here/)
  const json = await session(t, ['revoke', '--all', '--yes', '--json'], all)
  t.same(JSON.parse(json.stdout), ended)
  for (const [keys, exit, count] of [
    ['\n', 1, 0],
    ['n\n', 1, 0],
    ['yes\n', 0, 1],
  ] as const) {
    const { daemon, world } = await scene(t, all, { isTerminal: true })
    world.stdin.push(keys)
    t.equal(await run(world, ['revoke', '--all']), exit, JSON.stringify(keys))
    t.equal(daemon.seen.length, count)
    t.match(world.stderr.text, /end every grant, here and at its issuer\? \[y\/N\]/)
  }
})

t.test('Ctrl-C at the question ends nothing', async (t) => {
  const { daemon, world } = await scene(t, all, { isTerminal: true })
  const exit = run(world, ['revoke', '--all'])
  while (world.listening === 0) await new Promise(setImmediate)
  world.interrupt('SIGINT')
  t.same([await exit, daemon.seen], [130, []])
})

t.test('without a terminal, or with a name beside it, nothing ends', async (t) => {
  for (const argv of [
    ['revoke', '--all'],
    ['revoke', '--all', '--yes', 'work'],
    ['revoke', '--yes', 'work'],
  ]) {
    const { exit, daemon } = await session(t, argv, all)
    t.same([exit, daemon.seen], [2, []], argv.join(' '))
  }
})

t.test('what was left out is told, and is no success', async (t) => {
  for (const more of [
    { failed: [{ grant: 'home', code: 'vault_locked', detail: 'no room' }] },
    { broken: [{ file: 'x.grant', reason: 'it is cut short' }] },
  ]) {
    const script = { 'admin POST /v1/revoke-all': () => ok({ ...ended, ...more }) }
    const { exit, stderr } = await session(t, ['revoke', '--all', '--yes'], script)
    t.equal(exit, 1)
    t.match(stderr, /no room|cut short/)
  }
})
