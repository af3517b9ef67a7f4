import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { add, denied, isGone, kept, token, untilGone, worldWithGrant } from './capability.ts'

t.test('of many who ask at once exactly as many get a token as there are uses', async (t) => {
  const world = await worldWithGrant(t)
  const { path } = await add(world, { uses: 3 })
  t.match(await token(path), { status: 200 })
  const asked = await Promise.allSettled(Array.from({ length: 12 }, () => token(path)))
  const given = asked.filter((one) => one.status === 'fulfilled' && one.value.status === 200)
  t.equal(given.length, 2, 'who is cut off or refused got none')
  await untilGone(path)
  t.same((await world.ask('admin', 'GET', '/v1/capabilities')).body, { capabilities: [] })
  t.match(world.auditLog(), /"capability\.ended".*"reason":"used_up"/)
})

t.test('a kill at any moment never gives one use too many', async (t) => {
  const world = await worldWithGrant(t, kept(t))
  const { path } = await add(world, { uses: 3 })
  t.match(await token(path), { status: 200 })
  await world.kill()
  await world.restart()
  let given = 1
  const ask = async (): Promise<void> => {
    const answer = await token(path).catch(() => undefined) // cut off by the kill
    if (answer?.status === 200) given += 1
  }
  // two ask while it dies, so that it does at some step of a use
  const asked = [0, 3].map(async (ms) => {
    await pause(ms)
    await ask()
  })
  await pause(8)
  await world.kill()
  await Promise.all(asked)
  await world.restart()
  for (let more = 0; more < 3 && !(await isGone(path)); more += 1) {
    await ask()
    await world.kill()
    await world.restart()
  }
  t.ok(given <= 3, `${given} of 3 uses`)
  t.ok(await isGone(path))
})

t.test('a restart keeps it with its count, unless a process binds it', async (t) => {
  const world = await worldWithGrant(t, kept(t))
  const free = await add(world, { uses: 3 })
  const open = await add(world, { name: 'open' })
  const bound = await add(world, { name: 'bound', bind_pid: process.pid })
  for (const { path } of [free, open, open, bound]) t.match(await token(path), { status: 200 })
  await world.restart()
  t.ok(await isGone(bound.path))
  t.match((await world.ask('admin', 'GET', '/v1/capabilities')).body, {
    capabilities: [
      { name: 'ci', used: 1, uses: 3, expires_at: free.expires_at },
      { name: 'open', used: 2 },
    ],
  })
  t.match(await token(free.path, { scope: 'repo:write' }), denied, 'its caps are what they were')
  await token(free.path)
  t.match(await token(free.path), { status: 200 })
  await untilGone(free.path)
  await world.restart()
  t.ok(await isGone(free.path), 'one that was used up does not come back')
})

t.test(
  'the end of its grant ends it, and a new login of that name does not bring it back',
  async (t) => {
    const world = await worldWithGrant(t)
    const first = await add(world)
    t.match(await world.ask('admin', 'GET', '/v1/grants/work'), {
      body: { capabilities: [{ name: 'ci', used: 0 }] },
    })
    await world.ask('admin', 'POST', '/v1/grants/work/revoke')
    await untilGone(first.path)
    t.match(world.auditLog(), /"capability\.ended".*"reason":"grant_ended"/)
    await t.rejects(add(world), /login_required/)
    await world.login()
    t.ok(await isGone(first.path))
    const second = await add(world)
    await world.login()
    await untilGone(second.path)
  },
)

t.test('a lock keeps it, and it gives nothing until the unlock', async (t) => {
  const world = await worldWithGrant(t, kept(t))
  const { path } = await add(world)
  t.match(await world.ask('admin', 'POST', '/v1/vault/lock'), { status: 200 })
  t.match(await token(path), { status: 423, json: { code: 'vault_locked' } })
  await world.restart()
  t.match(await token(path), { status: 423, json: { code: 'vault_locked' } })
  t.match(await world.ask('admin', 'POST', '/v1/vault/unlock', { body: {} }), { status: 200 })
  t.match(await token(path), { status: 200 })
})

t.test('it ends when its time is over', async (t) => {
  const world = await worldWithGrant(t)
  const { path } = await add(world, { expires_in: 1 })
  t.match(await token(path), { status: 200 })
  const idle = connect(path)
  await once(idle, 'close')
  await untilGone(path)
  t.match(world.auditLog(), /"capability\.ended".*"reason":"expired"/)
})

t.test('it ends with its process, and not before', async (t) => {
  const world = await worldWithGrant(t)
  const child = spawn('sleep', ['60'])
  t.teardown(() => child.kill())
  const { path } = await add(world, { bind_pid: child.pid ?? -1 })
  t.match(await token(path), { status: 200 })
  await pause(1_200)
  t.match(await token(path), { status: 200 })
  child.kill('SIGKILL')
  await once(child, 'exit')
  const late = await token(path).catch(() => 'cut off')
  if (late !== 'cut off') t.match(late, denied, 'from the moment it is gone')
  await untilGone(path)
  t.match(world.auditLog(), /"capability\.ended".*"reason":"process_ended"/)
  await t.rejects(add(world, { bind_pid: child.pid ?? -1 }), /no process/)
})
