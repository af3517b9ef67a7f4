import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import t from 'tap'
import { COMMAND } from './command.ts'
import { startWorld } from './world.ts'

t.test('sockets are the owner’s alone, and gone after a stop', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const modes = (path: string): string => (statSync(path).mode & 0o777).toString(8)
  t.equal(modes(dirname(world.sockets.broker)), '700')
  t.equal(modes(world.sockets.broker), '600')
  t.equal(modes(world.sockets.admin), '600')
  await world.close()
  t.notOk(existsSync(world.sockets.broker))
})

t.test('a daemon that was killed leaves nothing in the way of the next', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  const pid = world.daemonPid()
  await world.kill()
  t.ok(existsSync(world.sockets.broker), 'its sockets are left over')
  await world.restart()
  t.not(world.daemonPid(), pid)
  t.equal((await world.ask('broker', 'GET', '/v1/health')).status, 200)
})

t.test(
  'a second daemon for the same sockets or the same vault does not start, and says who is there',
  async (t) => {
    const world = await startWorld()
    t.teardown(() => world.close())
    const second = spawnSync(process.execPath, [COMMAND, 'serve', ...world.serveArguments], {
      env: world.environment,
      cwd: world.directory,
      encoding: 'utf8',
    })
    t.equal(second.status, 1)
    t.match(second.stderr, new RegExp(`another daemon \\(pid ${world.daemonPid()}\\)`))
    t.equal(
      (await world.ask('broker', 'GET', '/v1/health')).status,
      200,
      'the first one is still there',
    )
  },
)

t.test('without a daemon the command says so', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.kill()
  for (const args of [['token', 'work'], ['list'], ['status'], ['revoke', 'work']])
    t.match(
      await world.run(args),
      { status: 6, stdout: '', stderr: /grantd serve/ },
      args.join(' '),
    )
})
