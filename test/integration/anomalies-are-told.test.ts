import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { GrantdConnection } from '@grantd/client'
import type { Status } from '@grantd/client/protocol'
import t, { type Test } from 'tap'
import { API_A } from '../issuers/oidc-issuer.ts'
import { COMMAND, type Run, startProgram } from './command.ts'
import { afterChange, recordsOf, writePolicy } from './policy-file.ts'
import { FULL_SCOPE, startWorld, type World } from './world.ts'

// some thousand tokens
t.setTimeout(120_000)

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

/** Requests of this process, a hundred at a time. */
function askingMany(t: Test, world: World) {
  const caller = new GrantdConnection({
    name: 'many',
    version: '1',
    socketPath: world.sockets.broker,
  })
  t.teardown(() => caller.close())
  return async (bodies: readonly object[]): Promise<void> => {
    for (let at = 0; at < bodies.length; at += 100)
      await Promise.all(
        bodies
          .slice(at, at + 100)
          .map((body) =>
            caller.request({ method: 'POST', path: '/v1/token', body }).catch(() => undefined),
          ),
      )
  }
}

const times = (count: number, body: object): object[] => Array.from({ length: count }, () => body)

t.test('another program and another class are told once, and refused nothing for it', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()
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

  await world.restart()
  await world.login()
  t.equal((await askAs(world, 'other')).status, 0)
  t.match(await world.token({ grant: 'work' }), { status: 200 })
  t.equal(anomaliesOf(world).length, 2, 'what is usual is known after a restart')
  t.equal((await askAs(world, 'third')).status, 0)
  t.equal(anomaliesOf(world).length, 3)
})

t.test('what is too often is told once, and so is use outside of the hours', async (t) => {
  const scopes = Array.from({ length: 40 }, (_, at) => `more:${at}`)
  const world = await startWorld({ issuer: { moreScopes: scopes } })
  t.teardown(() => world.close())
  await world.login({ scope: [FULL_SCOPE, ...scopes].join(' ') })
  const ask = askingMany(t, world)
  const told = (): readonly string[] => anomaliesOf(world)

  await ask(times(19, { grant: 'nobody' }))
  t.same(told(), [])
  await ask(times(3, { grant: 'nobody' }))
  t.same(told(), ['anomaly.repeated_denials'])

  await ask(times(9, { grant: 'work', rejected: 'A'.repeat(43) }))
  t.equal(told().length, 1)
  await ask(times(3, { grant: 'work', rejected: 'A'.repeat(43) }))
  t.same(told().slice(1), ['anomaly.rejected_storm'])

  const exchanges = (): number => recordsOf(world, 'grant.refresh_begun').length
  const left = 39 - exchanges()
  for (const scope of scopes.slice(0, left)) await ask([{ grant: 'work', audience: API_A, scope }])
  t.same([exchanges(), told().length], [39, 2])
  for (const scope of scopes.slice(left)) await ask([{ grant: 'work', audience: API_A, scope }])
  t.ok(exchanges() > 39)
  t.same(told().slice(2), ['anomaly.repeated_refreshes'])

  const issued = (): number => recordsOf(world, 'token.issued').length
  await ask(times(1_999 - issued(), { grant: 'work' }))
  t.same([issued(), told().length], [1_999, 3])
  await ask(times(101, { grant: 'work' }))
  t.same(told().slice(3), ['anomaly.burst'])

  // a window of one minute, half a day away from now
  const minute = (new Date().getHours() * 60 + new Date().getMinutes() + 720) % 1_440
  const clock = (at: number): string =>
    [Math.floor(at / 60) % 24, at % 60].map((part) => String(part).padStart(2, '0')).join(':')
  writePolicy(world, `[anomaly]\nhours = "${clock(minute)}-${clock(minute + 1)}"\n`)
  t.match(await afterChange(() => world.token({ grant: 'work' })), { status: 200 })
  t.match(await world.token({ grant: 'work' }), { status: 200 })
  t.same(told().slice(4), ['anomaly.unusual_hour'], 'once an hour')
  t.match(await statusOf(world), {
    counters: { anomalies: 5, untold_anomalies: 0 },
    recent_anomalies: [
      { event: 'anomaly.unusual_hour', reason: 'outside of the hours of the configuration' },
      { event: 'anomaly.burst', reason: '2000 tokens within 60 seconds' },
      {
        event: 'anomaly.repeated_refreshes',
        reason: '40 exchanges with the issuer within 600 seconds',
      },
      {
        event: 'anomaly.rejected_storm',
        reason: '10 tokens reported as rejected within 600 seconds',
      },
      { event: 'anomaly.repeated_denials', reason: '20 denials within 60 seconds' },
    ],
  })
})
