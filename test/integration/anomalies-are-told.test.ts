import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { GrantdConnection } from '@grantd/client'
import type { Status } from '@grantd/client/protocol'
import t, { type Test } from 'tap'
import { kept } from './capability.ts'
import { COMMAND, type Run, startProgram } from './command.ts'
import { recordsOf } from './policy-file.ts'
import { startWorld, type World, type WorldOptions } from './world.ts'

// some daemons, and some thousand tokens
t.setTimeout(120_000)

async function worldWithGrant(t: Test, options: WorldOptions = {}): Promise<World> {
  const world = await startWorld(options)
  t.teardown(() => world.close())
  await world.login()
  return world
}

async function statusOf(world: World): Promise<Status> {
  return (await world.ask('admin', 'GET', '/v1/status')).body as unknown as Status
}

/** Names of the anomalies on record, oldest first. */
function anomaliesOf(world: World): readonly string[] {
  return [...world.auditLog().matchAll(/"event":"(anomaly\.\w+)"/g)].map(([, name]) => name ?? '')
}

/** The same interpreter under another name asks for a token. */
async function askAs(world: World, name: string): Promise<Run> {
  const { environment, directory } = world
  const program = join(directory, name)
  copyFileSync(process.execPath, program)
  return await startProgram(program, [COMMAND, 'token', 'work'], { environment, directory }).ended
}

t.test(
  'another program and another class are told once, and refused no more than before',
  async (t) => {
    const world = await worldWithGrant(t)
    t.match(await world.token({ grant: 'work' }), { status: 200 })
    t.match(await world.token({ grant: 'work' }), { status: 200 })
    t.same(anomaliesOf(world), [], 'the first is no surprise')
    t.equal((await askAs(world, 'other')).status, 0)
    t.same(anomaliesOf(world), ['anomaly.new_executable'])
    t.equal((await askAs(world, 'other')).status, 0)
    t.equal((await askAs(world, 'socat')).status, 4, 'a relay, which has no rule')
    t.same(anomaliesOf(world), ['anomaly.new_executable', 'anomaly.new_class'])
    const executable = join(world.directory, 'other')
    t.match(recordsOf(world, 'anomaly.new_executable'), [{ grant: 'work', peer: { executable } }])
    t.match(await statusOf(world), {
      counters: { anomalies: 2, untold_anomalies: 0 },
      recent_anomalies: [
        { event: 'anomaly.new_class', grant: 'work', class: 'relay' },
        { event: 'anomaly.new_executable', grant: 'work', class: 'local', executable },
      ],
    })
    const { stdout } = await world.run(['status'])
    t.match(stdout, /^ *anomalies +\S+ anomaly\.new_class work .*socat \(no caller of the class/m)
    const { stdout: found } = await world.run(['audit', 'query', '--event', 'anomaly'])
    t.equal(found.trim().split('\n').length, 2)
    t.equal((await world.run(['audit', 'verify'])).status, 0)
  },
)

t.test('what is usual is known after a restart', async (t) => {
  const world = await worldWithGrant(t)
  await world.token({ grant: 'work' })
  t.equal((await askAs(world, 'other')).status, 0)
  await world.restart()
  await world.login()
  t.equal((await askAs(world, 'other')).status, 0)
  t.match(await world.token({ grant: 'work' }), { status: 200 })
  t.same(anomaliesOf(world), ['anomaly.new_executable'])
  t.equal((await askAs(world, 'third')).status, 0)
  t.equal(anomaliesOf(world).length, 2)
})

t.test('a burst, denials and rejected tokens are told when they are many', async (t) => {
  const world = await worldWithGrant(t)
  const caller = new GrantdConnection({
    name: 'many',
    version: '1',
    socketPath: world.sockets.broker,
  })
  t.teardown(() => caller.close())
  const ask = async (body: object) =>
    await caller.request({ method: 'POST', path: '/v1/token', body }).catch(() => undefined)
  const many = async (count: number, body: object) => {
    for (let left = count; left > 0; left -= 100)
      await Promise.all(Array.from({ length: Math.min(left, 100) }, () => ask(body)))
  }
  await many(19, { grant: 'nobody' })
  t.same(anomaliesOf(world), [])
  await many(3, { grant: 'nobody' })
  t.same(anomaliesOf(world), ['anomaly.repeated_denials'])
  await many(10, { grant: 'work', rejected: 'A'.repeat(43) })
  t.same(anomaliesOf(world).slice(1), ['anomaly.rejected_storm'])
  await many(2_000, { grant: 'work' })
  t.same(anomaliesOf(world).slice(2), ['anomaly.burst'])
  t.match(await statusOf(world), { counters: { anomalies: 3 } })
})

t.test('a grant that is refreshed again and again is told', async (t) => {
  const world = await worldWithGrant(t, { issuer: { accessTokenSeconds: 1 } })
  const exchanges = (): number => recordsOf(world, 'grant.refresh_begun').length
  while (exchanges() < 39) {
    await world.token({ grant: 'work' })
    await sleep(100)
  }
  t.same(anomaliesOf(world), [])
  while (exchanges() < 41) {
    await world.token({ grant: 'work' })
    await sleep(100)
  }
  t.same(anomaliesOf(world), ['anomaly.repeated_refreshes'])
})

/** A configuration with this hook, in JSON, which is TOML too. */
const withHook = (...hook: string[]): WorldOptions => ({
  config: `[vault]\nsealing_key = "memory"\n[anomaly]\nhook = ${JSON.stringify(hook)}\n`,
})

t.test('a hook gets each anomaly, and nothing of the environment', async (t) => {
  const out = join(t.testdir(), 'told')
  const script = 'cat >> "$1"; env >> "$1.env"'
  const world = await worldWithGrant(t, withHook('/bin/sh', '-c', script, 'sh', out))
  await world.token({ grant: 'work' })
  await askAs(world, 'other')
  await askAs(world, 'third')
  const told = (): string[] => (existsSync(out) ? readFileSync(out, 'utf8').split('\n') : [])
  while (told().length < 3) await sleep(10)
  t.match(JSON.parse(told()[0] ?? ''), {
    event: 'anomaly.new_executable',
    grant: 'work',
    executable: join(world.directory, 'other'),
  })
  t.match(JSON.parse(told()[1] ?? ''), { executable: join(world.directory, 'third') })
  t.notMatch(readFileSync(`${out}.env`, 'utf8'), /GRANTD|XDG|HOME/)
  t.match(await statusOf(world), { counters: { anomaly_hooks_failed: 0 } })
})

t.test('a hook that hangs, crashes or is missing delays nobody', async (t) => {
  for (const hook of [
    ['/nowhere/hook'],
    ['/bin/sh', '-c', 'kill -9 $$'],
    ['/bin/sh', '-c', 'sleep 1000'],
  ]) {
    const world = await worldWithGrant(t, withHook(...hook))
    await world.token({ grant: 'work' })
    t.equal((await askAs(world, 'other')).status, 0)
    t.equal((await askAs(world, 'third')).status, 0)
    t.match(await world.token({ grant: 'work' }), { status: 200 })
    t.equal(anomaliesOf(world).length, 2)
    const failed = async () => (await statusOf(world)).counters['anomaly_hooks_failed'] ?? 0
    if (hook.at(-1) !== 'sleep 1000') {
      while ((await failed()) < 2) await sleep(10)
      t.match(world.output(), 'the hook failed')
    }
    const started = performance.now()
    await world.restart()
    t.ok(performance.now() - started < 5_000, 'nor the end of the daemon')
  }
})

t.test(
  'the inventory names the programs, and what exposes a grant, also after a restart',
  async (t) => {
    const world = await worldWithGrant(t, kept(t))
    t.equal((await askAs(world, 'other')).status, 0)
    t.match(await world.token({ grant: 'work' }), { status: 200 })
    const used_by = [
      { executable: process.execPath },
      { executable: join(world.directory, 'other'), last_used_at: /^2/ },
    ]
    const show = async () => (await world.ask('admin', 'GET', '/v1/grants/work')).body
    t.match(await show(), { used_by, exposure: ['never_expiring'] })
    await world.restart()
    t.match(await show(), { used_by, exposure: ['never_expiring'] })
    const { stdout } = await world.run(['show', 'work'])
    t.match(stdout, /^used by +\S+\/other {2}\d{4}-/m)
    t.match(stdout, /^exposure +never-expiring$/m)
    t.match((await world.run(['list'])).stdout, /\n\nwork: never-expiring\n$/)
  },
)
