import t from 'tap'
import { NOT_REVOKED } from '../fakes/cli-answers.ts'
import { ok, problem } from '../fakes/cli-daemon.ts'
import { session } from '../fakes/cli-session.ts'

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
