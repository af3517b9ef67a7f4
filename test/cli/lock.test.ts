import t from 'tap'
import { LOCKED_VAULT } from '../fakes/cli-answers.ts'
import { ok, problem } from '../fakes/cli-daemon.ts'
import { session } from '../fakes/cli-session.ts'

t.test('lock says what it takes to go on', async (t) => {
  const script = { 'admin POST /v1/vault/lock': () => ok(LOCKED_VAULT) }
  const { exit, stdout, daemon } = await session(t, ['lock'], script)
  t.same([exit, stdout], [0, 'locked: no token is handed out until: grantd unlock\n'])
  t.equal(daemon.seen[0]?.body, undefined)
  const { stdout: json } = await session(t, ['lock', '--json'], script)
  t.same(JSON.parse(json), LOCKED_VAULT)
})

t.test('a vault that would end with it is not locked', async (t) => {
  const refusal = () => problem('invalid_request', 'grants are kept in memory')
  const { exit, stderr } = await session(t, ['lock'], { 'admin POST /v1/vault/lock': refusal })
  t.equal(exit, 2)
  t.match(stderr, /grants are kept in memory/)
  t.equal((await session(t, ['lock', 'now'])).exit, 2)
})
