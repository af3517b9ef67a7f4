import { join } from 'node:path'
import t from 'tap'
import { ok, problem } from '../fakes/cli-daemon.ts'
import { session } from '../fakes/cli-session.ts'

const TOLD = {
  peer: { class: 'local', gid: 1000, executable: '/usr/bin/git' },
  decision: 'allow',
  rule: 'git',
  scope: 'a',
  consent: 'never',
  rules: [],
}

t.test('an explanation is asked for and printed', async (t) => {
  const script = { 'admin POST /v1/policy/explain': () => ok(TOLD) }
  const args = ['policy', 'explain', '--grant', 'work', '--exe', '/usr/bin/git']
  const told = await session(t, args, script)
  t.match(told, { exit: 0, stderr: '', stdout: /^allowed by "git"\n/ })
  t.same(told.daemon.seen[0]?.body, { grant: 'work', executable: '/usr/bin/git' })
  const json = await session(t, [...args, '--json'], script)
  t.same(JSON.parse(json.stdout), TOLD)
  const denied = { 'admin POST /v1/policy/explain': () => ok({ ...TOLD, decision: 'deny' }) }
  t.equal((await session(t, args, denied)).exit, 0, 'the question is answered')
  const unknown = { 'admin POST /v1/policy/explain': () => problem('unknown_grant', 'no grant') }
  t.match(await session(t, args, unknown), { exit: 4, stderr: /no grant/ })
})

t.test('the files in force are in order, or it is said where they are not', async (t) => {
  const file = { level: 'user', path: '/c.toml', sha256: 'ab' }
  const good = { files: [file], mode: 'enforce', rules: [] }
  const bad = { files: [{ ...file, problem: '/c.toml:3:1: no \u001b[2J' }], rules: [] }
  const of = (answer: object) => ({ 'admin GET /v1/policy': () => ok(answer) })
  t.match(await session(t, ['policy', 'check'], of(good)), {
    exit: 0,
    stdout: 'user  /c.toml  0 rules\n',
    stderr: '',
  })
  t.match(await session(t, ['policy', 'check'], of(bad)), {
    exit: 2,
    stdout: '',
    stderr: '/c.toml:3:1: no \u{FFFD}[2J\n',
  })
  const json = await session(t, ['policy', 'check', '--json'], of(bad))
  t.equal(json.exit, 2)
  t.same(JSON.parse(json.stdout), bad)
})

t.test('a file is judged before it is put there', async (t) => {
  const path = join(t.testdir({ 'c.toml': '[x]\n' }), 'c.toml')
  const of = (answer: object) => ({ 'admin POST /v1/policy/check': () => ok(answer) })
  const good = await session(t, ['policy', 'check', path], of({ rules: 1 }))
  t.match(good, { exit: 0, stdout: `${path}: 1 rule\n`, stderr: '' })
  t.same(good.daemon.seen[0]?.body, { text: '[x]\n', level: 'user' })
  const wrong = { problem: { line: 1, column: 2, message: 'unknown table "x"' } }
  t.match(await session(t, ['policy', 'check', path], of(wrong)), {
    exit: 2,
    stdout: '',
    stderr: `${path}:1:2: unknown table "x"\n`,
  })
  const json = await session(t, ['policy', 'check', path, '--system', '--json'], of(wrong))
  t.equal(json.exit, 2)
  t.same(JSON.parse(json.stdout), { path, ...wrong })
  t.match(json.daemon.seen[0]?.body, { level: 'system' })
  const none = await session(t, ['policy', 'check', `${path}.none`], of({}))
  t.match(none, { exit: 2, stderr: /cannot read ".*": ENOENT/ })
  t.same(
    JSON.parse((await session(t, ['policy', 'check', path, '--json'], of({ rules: 0 }))).stdout),
    {
      path,
      rules: 0,
    },
  )
  t.match((await session(t, ['policy', 'check', path], of({}))).stdout, /0 rules/)
})
