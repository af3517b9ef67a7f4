import t from 'tap'
import { GRANT } from '../fakes/cli-answers.ts'
import { ok, problem } from '../fakes/cli-daemon.ts'
import { session } from '../fakes/cli-session.ts'

t.test('one grant, for a person and for a program', async (t) => {
  const script = { 'admin GET /v1/grants/work': () => ok(GRANT) }
  const { exit, stdout, stderr } = await session(t, ['show', 'work'], script)
  t.match(stdout, /^grant +work\nstate +active\n/)
  t.same([exit, stderr], [0, ''])
  t.same(JSON.parse((await session(t, ['show', 'work', '--json'], script)).stdout), GRANT)
})

t.test('a grant nobody knows', async (t) => {
  const script = { 'admin GET /v1/grants/home': () => problem('unknown_grant', 'no grant "home"') }
  const { exit, stdout, stderr } = await session(t, ['show', 'home'], script)
  t.same([exit, stdout, stderr], [4, '', 'grantd: no grant "home"\n'])
  t.equal((await session(t, ['show'])).exit, 2)
})
