import t from 'tap'
import { CAPABILITY } from '../fakes/cli-answers.ts'
import { ok, problem } from '../fakes/cli-daemon.ts'
import { session } from '../fakes/cli-session.ts'

const script = {
  'admin GET /v1/capabilities': () => ok({ capabilities: [CAPABILITY] }),
  'admin POST /v1/capabilities': () => ok(CAPABILITY),
  'admin DELETE /v1/capabilities/ci': () => ok(CAPABILITY),
}

t.test('add prints the path and nothing else', async (t) => {
  const added = await session(t, ['capability', 'add', 'ci', '--grant', 'work'], script)
  t.same([added.exit, added.stdout, added.stderr], [0, `${CAPABILITY.path}\n`, ''])
})

t.test('list and remove, for a person and for a program', async (t) => {
  const listed = await session(t, ['capability', 'list'], script)
  t.match(listed.stdout, /^NAME .*\nci +work +repo:read +2 of 10 /)
  const json = await session(t, ['capability', 'list', '--json'], script)
  t.same(JSON.parse(json.stdout), { capabilities: [CAPABILITY] })
  const removed = await session(t, ['capability', 'remove', 'ci'], script)
  t.equal(removed.stdout, '"ci" is removed; it was used 2 of 10 times\n')
})

t.test('a refusal is the daemon’s, with its exit status', async (t) => {
  const refused = await session(t, ['capability', 'add', 'ci', '--grant', 'nobody'], {
    'admin POST /v1/capabilities': () => problem('unknown_grant', 'no grant "nobody"'),
  })
  t.same([refused.exit, refused.stdout], [4, ''])
  t.equal((await session(t, ['capability'])).exit, 2)
})
