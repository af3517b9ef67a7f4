import t from 'tap'
import { run } from '../../cli/run.ts'
import { GRANT } from '../fakes/cli-answers.ts'
import { ok, problem } from '../fakes/cli-daemon.ts'
import { session } from '../fakes/cli-session.ts'
import { FakeWorld } from '../fakes/cli-world.ts'

t.test('the admin socket tells all', async (t) => {
  const script = { 'admin GET /v1/grants': () => ok({ grants: [GRANT], replaced: [] }) }
  const { exit, stdout, stderr } = await session(t, ['list'], script)
  t.match(stdout, /^GRANT +STATE +ISSUER.*\nwork +active +https:\/\/as\.example.* 3 min ago\n$/)
  t.same([exit, stderr], [0, ''])
  const json = await session(t, ['list', '--json'], script)
  t.same(JSON.parse(json.stdout), { grants: [GRANT], replaced: [] })
})

t.test('refused there, the broker socket tells names and states', async (t) => {
  const script = {
    'admin GET /v1/grants': () => problem('unauthorized_peer', 'a relay'),
    'broker GET /v1/grants': () => ok({ grants: [{ grant: 'work', state: 'active' }] }),
  }
  const { exit, stdout, stderr } = await session(t, ['list'], script)
  t.equal(stdout, 'GRANT  STATE\nwork   active\n')
  t.same([exit, stderr], [0, 'grantd: names and states only: a relay\n'])
})

t.test('without a daemon there is no list', async (t) => {
  const world = new FakeWorld()
  t.equal(await run(world, ['list']), 6)
  t.equal(world.stdout.text, '')
  t.equal((await session(t, ['list', 'work'])).exit, 2)
})
