import t from 'tap'
import { STATUS } from '../fakes/cli-answers.ts'
import { ok } from '../fakes/cli-daemon.ts'
import { session } from '../fakes/cli-session.ts'

const script = {
  'broker GET /v1/health': () => ok(STATUS),
  'admin GET /v1/status': () => ok(STATUS),
}

t.test('nothing fails: exit status 0', async (t) => {
  const { exit, stdout, stderr } = await session(t, ['doctor'], script)
  t.match(stdout, /^ok {4}Node 22\.1\.0\n/)
  t.match(stdout, /^ok {4}the daemon answers, version 0\.1\.0$/m)
  t.same([exit, stderr], [0, ''])
})

t.test('a line fails: exit status 1, and a list for a program', async (t) => {
  const { exit, stdout } = await session(t, ['doctor', '--json'], {}, { nodeVersion: '18.0.0' })
  t.equal(exit, 1)
  t.match(JSON.parse(stdout)[0], { level: 'fail', what: 'Node 18.0.0 is too old' })
})
