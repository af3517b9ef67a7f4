import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { COMMAND, UNTOUCHED } from './command.ts'
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
    const serve = [...UNTOUCHED.slice(1), process.execPath, COMMAND, 'serve']
    const second = spawnSync('/usr/bin/env', [...serve, ...world.serveArguments], {
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

/** A daemon whose issuer answers late, asked for a token that it has begun to fetch. */
async function waitingForToken(t: Test, milliseconds: number) {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
  const before = world.issuer.counts('refresh_token')
  world.issuer.proxy.next({ kind: 'delay', milliseconds })
  const token = world.token({ grant: 'work' }).then(
    ({ status }) => status,
    () => 'no answer' as const,
  )
  while (world.issuer.counts('refresh_token') === before) await setTimeout(10)
  const end = async (signals: number): Promise<void> => {
    // two of one kind that come at once are one signal
    for (let sent = 1; sent <= signals; sent++) {
      process.kill(world.daemonPid(), 'SIGTERM')
      const heard = sent === 1 ? '"stopping"' : `"count":${sent}`
      for (let tries = 0; tries < 500 && !world.output().includes(heard); tries++)
        await setTimeout(10)
    }
  }
  return { world, token, end }
}

t.test('a second signal does not cut an exchange under way short', async (t) => {
  const { world, token, end } = await waitingForToken(t, 3_000)
  await end(2)
  t.equal(await token, 200)
  await world.close()
  t.match(world.output(), /"still stopping"/)
})

t.test('a third signal does', async (t) => {
  const { world, token, end } = await waitingForToken(t, 9_000)
  await end(3)
  t.equal(await token, 'no answer')
  t.notMatch(world.auditLog(), /daemon.stopped/)
})

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
