import t from 'tap'
import { STATUS } from '../fakes/cli-answers.ts'
import { ok } from '../fakes/cli-daemon.ts'
import { session } from '../fakes/cli-session.ts'

t.test('how the daemon is doing, for a person and for a program', async (t) => {
  const script = { 'admin GET /v1/status': () => ok(STATUS) }
  const { exit, stdout, stderr } = await session(t, ['status'], script)
  t.match(stdout, /^daemon +ok, version 0\.1\.0, pid 4242, up 2 h 10 min\n/)
  t.same([exit, stderr], [0, ''])
  t.same(JSON.parse((await session(t, ['status', '--json'], script)).stdout), STATUS)
})

t.test('an answer of another version is said to be one', async (t) => {
  const script = { 'admin GET /v1/status': () => ok({ version: '9' }) }
  const { exit, stderr } = await session(t, ['status'], script)
  t.equal(exit, 6)
  t.match(stderr, /has no "pid"; it may be of another version\nhint: grantd doctor\n$/)
})
