import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Status } from '@grantd/client/protocol'
import t, { type Test } from 'tap'
import { needsLinux } from '../needs.ts'
import { add } from './capability.ts'
import { afterChange, writePolicy } from './policy-file.ts'
import { startWorld, type World, type WorldOptions } from './world.ts'

t.setTimeout(60_000)

/** Far more than it takes, and less than a hook that hangs. */
const SOON_MS = 3_000

/** A configuration with this hook, in JSON, which is TOML too. */
const hookTable = (...hook: readonly string[]): string =>
  `[anomaly]\nhook = ${JSON.stringify(hook)}\n`

async function worldWithHook(
  t: Test,
  hook: readonly string[],
  more: WorldOptions = {},
): Promise<World> {
  const config = `[vault]\nsealing_key = "memory"\n${hookTable(...hook)}`
  const world = await startWorld({ config, ...more })
  t.teardown(() => world.close())
  await world.login()
  await world.token({ grant: 'work' })
  return world
}

/** Ten tokens of a new grant are called rejected, which is one anomaly that names it. */
async function provoke(t: Test, world: World, grant: string): Promise<void> {
  await world.login({ grant })
  const started = performance.now()
  const request = { grant, rejected: 'A'.repeat(43) }
  await Promise.all(Array.from({ length: 10 }, () => world.token(request)))
  t.ok(performance.now() - started < SOON_MS, `${grant}: whose request it was does not wait`)
}

async function countersOf(world: World): Promise<Status['counters']> {
  const { body } = await world.ask('admin', 'GET', '/v1/status')
  return (body as unknown as Status).counters
}

/** Waits until the hook has failed at every anomaly. */
async function untilAllFailed(world: World): Promise<void> {
  for (;;) {
    const { anomalies = 0, anomaly_hooks_failed: failed = 0 } = await countersOf(world)
    if (anomalies > 0 && failed >= anomalies) return
    await sleep(20)
  }
}

/** Nobody notices: tokens come, and soon. */
async function tokensCome(t: Test, world: World, while_: string): Promise<void> {
  const started = performance.now()
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => world.token({ grant: 'work' })),
  )
  t.ok(
    answers.every(({ status }) => status === 200),
    `tokens while the hook ${while_}`,
  )
  t.ok(performance.now() - started < SOON_MS, 'at once')
}

t.test(
  'a hook gets each anomaly as a line on its input, and nothing else of ours',
  needsLinux(),
  async (t) => {
    const out = t.testdir()
    const told = join(out, 'told')
    const secret = join(out, 'credential')
    writeFileSync(secret, 'x')
    // what it has open, its environment, and what it may do: each in a file of its own
    const script = [
      'ls -l /proc/$$/fd > "$1/descriptors"',
      'env > "$1/environment"',
      'umask > "$1/mask"',
      'cat >> "$1/told"',
    ].join('; ')
    const canary = 'canary-in-the-environment'
    const world = await worldWithHook(t, ['/bin/sh', '-c', script, 'sh', out], {
      environment: {
        GRANTD_SECRET: canary,
        CREDENTIALS_DIRECTORY: canary,
        LD_LIBRARY_PATH: '/none',
      },
      // a descriptor that somebody left open for the daemon
      launcher: ['/bin/sh', '-c', `exec 9<"${secret}" && exec "$@"`, 'sh'],
    })
    await add(world)
    await provoke(t, world, 'one')
    await provoke(t, world, 'two')
    const lines = (): string[] => (existsSync(told) ? readFileSync(told, 'utf8').split('\n') : [])
    while (lines().length < 3) await sleep(10)
    t.match(JSON.parse(lines()[0] ?? ''), { event: 'anomaly.rejected_storm', grant: 'one' })
    t.match(JSON.parse(lines()[1] ?? ''), { event: 'anomaly.rejected_storm', grant: 'two' })
    const environment = readFileSync(join(out, 'environment'), 'utf8').trim().split('\n')
    const names = environment.map((line) => line.slice(0, line.indexOf('='))).toSorted()
    // the shell sets the others by itself
    t.same(
      names.filter((name) => !['OLDPWD', 'PWD', 'SHLVL', '_'].includes(name)),
      ['LANG', 'PATH'],
    )
    t.notMatch(environment.join('\n'), canary)
    const open = readFileSync(join(out, 'descriptors'), 'utf8')
    const targets = [...open.matchAll(/ (\d+) -> (.+)$/gm)].map(
      ([, at, target]) => `${at} ${target}`,
    )
    t.match(targets[0], /^0 (?:socket|pipe):\[\d+\]$/, 'its input')
    const rest = targets.slice(1).map((target) => target.replace(/^\d+ /, ''))
    t.same(
      rest.filter((target) => !target.endsWith('/descriptors')),
      rest.filter((target) => target === '/dev/null'),
      'no output, and nothing that is open in the daemon, or was before it',
    )
    t.notMatch(open, /credential$|broker|admin|audit|pidfd|memfd|eventpoll/)
    t.equal(readFileSync(join(out, 'mask'), 'utf8').trim(), '0077')
    t.equal((await countersOf(world))['anomaly_hooks_failed'], 0)
  },
)

t.test('one that crashes, prints megabytes or hangs delays nobody', async (t) => {
  const script = [
    'read -r line;',
    'case "$line" in',
    '*crash*) kill -9 $$;;',
    '*fails*) exit 3;;',
    // its input is a socket on some systems, and nobody reads what it writes there
    '*megabytes*) head -c 50000000 /dev/zero; head -c 50000000 /dev/zero >&2; exit 4;;',
    '*deaf*) exec 0<&-; exit 5;;',
    '*hangs*) trap "" TERM INT HUP; sleep 1000;;',
    'esac',
  ].join(' ')
  const world = await worldWithHook(t, ['/bin/sh', '-c', script])
  for (const way of ['crash', 'fails', 'megabytes', 'deaf']) {
    await provoke(t, world, way)
    await tokensCome(t, world, way)
    await untilAllFailed(world)
  }
  const { anomaly_hooks_failed: failed, anomalies } = await countersOf(world)
  t.equal(failed, anomalies, 'each is counted once')
  for (const problem of [/was ended by SIGKILL/, /ended with 3/, /ended with 4/, /ended with 5/])
    t.match(world.output(), problem)
  await provoke(t, world, 'hangs')
  await tokensCome(t, world, 'hangs')
  await provoke(t, world, 'another')
  await tokensCome(t, world, 'hangs and another waits')
  t.equal((await countersOf(world))['anomaly_hooks_failed'], failed, 'it still runs')
  const started = performance.now()
  await world.restart()
  t.ok(performance.now() - started < 5_000, 'nor is the end of the daemon late')
})

t.test('one that cannot be executed delays nobody', async (t) => {
  const world = await worldWithHook(t, ['/nowhere/hook'])
  const out = join(world.directory, 'was-run')
  const place = (name: string, text: string, mode: number): string => {
    const path = join(world.directory, name)
    writeFileSync(path, text)
    chmodSync(path, mode)
    return path
  }
  mkdirSync(join(world.directory, 'folder'))
  const script = `#!/bin/sh\ntouch '${out}'\n`
  const hooks = {
    folder: join(world.directory, 'folder'),
    plain: place('plain', script, 0o600),
    interpreter: place('interpreter', '#!/nowhere/sh\n', 0o700),
    shared: place('shared', script, 0o777),
  }
  for (const [way, hook] of Object.entries({ missing: undefined, ...hooks })) {
    if (hook !== undefined) {
      writePolicy(world, hookTable(hook))
      t.match(await afterChange(() => world.token({ grant: 'work' })), { status: 200 })
    }
    await provoke(t, world, way)
    await tokensCome(t, world, `is ${way}`)
    await untilAllFailed(world)
  }
  const said = [...world.output().matchAll(/"the hook failed"/g)]
  t.equal(said.length, 1 + Object.keys(hooks).length, 'each is told once')
  t.notOk(existsSync(out), 'none of them ran')
})
