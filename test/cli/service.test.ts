import t, { type Test } from 'tap'
import { run } from '../../cli/service.ts'
import { ok } from '../fakes/cli-daemon.ts'
import { scene } from '../fakes/cli-session.ts'
import { FakeWorld } from '../fakes/cli-world.ts'
import { FakeMachine } from '../fakes/fake-machine.ts'

const UNITS = '/home/me/.config/systemd/user'
const NAMES = ['grantd.service', 'grantd.socket', 'grantd-admin.socket']
const CHANGES = [
  'systemctl --user daemon-reload',
  'systemctl --user enable --now grantd.socket grantd-admin.socket',
]

interface Done {
  readonly exit: number
  readonly text: string
  /** What changes something. */
  readonly changes: readonly string[]
}

async function service(machine: FakeMachine, ...args: readonly string[]): Promise<Done> {
  const world = new FakeWorld({ env: { HOME: '/home/me' } })
  machine.ran.length = 0
  const exit = await run(world, args, machine)
  const changes = machine.ran.filter((line) => !/is-active|show-user|show --property/.test(line))
  return { exit, text: world.stdout.text, changes }
}

async function installed(): Promise<FakeMachine> {
  const machine = new FakeMachine()
  await service(machine, 'install')
  return machine
}

t.test('install writes the units and enables the sockets, and says how to undo it', async (t) => {
  const machine = new FakeMachine()
  machine.says.set('loginctl', { stdout: 'no\n' })
  machine.options = ['--disable-sigusr1']
  const { exit, text, changes } = await service(machine, 'install')
  t.equal(exit, 0)
  t.same(
    [...machine.files.keys()],
    NAMES.map((name) => `${UNITS}/${name}`),
  )
  t.match(
    machine.files.get(`${UNITS}/grantd.service`),
    'ExecStart="/opt/node/bin/node" "--disable-sigusr1" "/opt/grantd/main.js" "serve"\n',
  )
  t.same(changes, CHANGES)
  t.match(text, `${UNITS}/grantd.socket: written\n`)
  t.match(text, 'to undo it: grantd service uninstall\n')
  t.match(text, /loginctl enable-linger\n$/)
})

t.test('a second time nothing is written, and after an update only what changed', async (t) => {
  const machine = await installed()
  const again = await service(machine, 'install')
  t.same(again.changes, CHANGES.slice(1))
  t.match(again.text, 'grantd.service: as it was\n')
  t.notMatch(again.text, 'linger', 'nobody knows')
  machine.options = ['--disable-sigusr1']
  const updated = await service(machine, 'install')
  t.same(updated.changes, [...CHANGES, 'systemctl --user try-restart grantd.service'])
  t.match(updated.text, 'grantd.service: rewritten\n')
  t.match(updated.text, 'grantd.socket: as it was\n')
})

t.test('a dry run changes nothing, and shows everything', async (t) => {
  const machine = new FakeMachine()
  const { text, changes } = await service(machine, 'install', '--dry-run')
  t.same([machine.files.size, changes], [0, []])
  for (const line of CHANGES) t.match(text, `would run: ${line}\n`)
  t.match(text, `${UNITS}/grantd.service: would be written\n`)
  t.match(text, `--- ${UNITS}/grantd.service\n# Written by`)
  const there = await installed()
  const removing = await service(there, 'uninstall', '--dry-run')
  t.match(removing.text, 'grantd.service: would be removed\n')
  t.same([there.files.size, removing.changes], [3, []])
})

t.test('a unit that somebody else wrote stays, and nothing is installed beside it', async (t) => {
  const machine = new FakeMachine()
  machine.files.set(`${UNITS}/grantd.socket`, '[Socket]\n')
  await t.rejects(service(machine, 'install'), {
    message: `"${UNITS}/grantd.socket" was written by somebody else; move it away first`,
  })
  t.equal(machine.files.size, 1)
  await service(machine, 'uninstall')
  t.equal(machine.files.size, 1)
})

t.test('a daemon that was started by hand keeps its sockets', async (t: Test) => {
  const { world } = await scene(
    t,
    { 'broker GET /v1/health': () => ok({ status: 'ok' }) },
    { env: { HOME: '/home/me' } },
  )
  const machine = new FakeMachine()
  await t.rejects(run(world, ['install'], machine), { message: /started by hand/ })
  t.equal(machine.files.size, 0)
  machine.says.set('systemctl --user is-active', { stdout: 'active\n' })
  t.equal(await run(world, ['install'], machine), 0, 'one of systemd’s is no reason')
})

t.test('what systemd refuses is said in its words', async (t) => {
  const machine = new FakeMachine()
  machine.says.set('systemctl --user enable', { status: 1, stderr: 'Failed: no bus\nmore\n' })
  await t.rejects(service(machine, 'install'), {
    message: `"${CHANGES[1]}" failed: Failed: no bus`,
  })
  machine.says.set('systemctl --user daemon-reload', { status: undefined })
  machine.files.clear()
  await t.rejects(service(machine, 'install'), { message: /failed: it says nothing$/ })
})

t.test('without a systemd nothing is written, and what was never enabled is removed', async (t) => {
  const machine = await installed()
  const nobody = { status: 1, stderr: 'Failed to connect to bus: No medium found\n' }
  machine.says.set('systemctl', nobody)
  t.equal((await service(machine, 'status')).exit, 1, 'nothing runs it')
  const enabled = `${UNITS}/sockets.target.wants/grantd.socket`
  machine.files.set(enabled, '[Socket]')
  await t.rejects(
    service(machine, 'uninstall'),
    { message: /^"systemctl --user disable/ },
    'it may run',
  )
  machine.files.delete(enabled)
  const { exit, changes } = await service(machine, 'uninstall')
  t.same([exit, machine.files.size, changes], [0, 0, []])
  await t.rejects(service(machine, 'install'), {
    message: /^no systemd of this user answers \(Failed to connect.*found\); run: grantd serve$/,
  })
  t.equal(machine.files.size, 0)
  const dry = await service(machine, 'install', '--dry-run')
  t.match(dry, { exit: 0, text: /would be written/ })
  machine.says.set('systemctl', { status: undefined })
  await t.rejects(service(machine, 'install'), {
    message: 'no systemd of this user answers; run: grantd serve',
  })
})

t.test('uninstall stops and removes what is ours, once', async (t) => {
  const machine = await installed()
  const { exit, text, changes } = await service(machine, 'uninstall')
  t.same([exit, machine.files.size], [0, 0])
  t.same(changes, [
    'systemctl --user disable --now grantd.socket grantd-admin.socket',
    'systemctl --user stop grantd.service',
    'systemctl --user daemon-reload',
  ])
  t.match(text, `${UNITS}/grantd.service: removed\n`)
  t.notMatch(text, 'to undo')
  const again = await service(machine, 'uninstall')
  t.same([again.exit, again.text, again.changes], [0, 'no unit of ours is installed\n', []])
})

t.test('status says whether all is as it should be', async (t) => {
  const machine = new FakeMachine()
  machine.says.set('systemctl --user is-active', { stdout: 'inactive\nactive\nactive\n' })
  t.match(await service(machine, 'status'), { exit: 1, text: /not installed, inactive\n/ })
  await service(machine, 'install')
  machine.says.set('loginctl', { stdout: 'no\n' })
  const well = await service(machine, 'status')
  t.match(well, { exit: 0, text: /^grantd\.service: installed, inactive\n.*linger\n$/s })
  machine.options = ['--disable-sigusr1']
  t.match(await service(machine, 'status'), { exit: 1, text: /of another version or another node/ })
  machine.options = []
  machine.says.set('systemctl --user is-active', { stdout: 'failed\nactive\nactive\n' })
  t.equal((await service(machine, 'status')).exit, 1)
  machine.says.set('systemctl --user is-active', { stdout: '' })
  const json = await service(machine, 'status', '--json')
  t.match(JSON.parse(json.text), { units: [{ kind: 'same', active: 'unknown' }], lingers: false })
})

t.test('for programs there is JSON', async (t) => {
  const machine = new FakeMachine()
  const { text } = await service(machine, 'install', '--json')
  t.match(JSON.parse(text), {
    units: NAMES.map((name) => ({ name, path: `${UNITS}/${name}`, kind: 'new' })),
    commands: CHANGES,
    isDryRun: false,
  })
})

t.test('the directory is that of the configuration', async (t) => {
  const machine = new FakeMachine()
  const env = { HOME: '/home/me', XDG_CONFIG_HOME: '/elsewhere' }
  await run(new FakeWorld({ env }), ['install'], machine)
  t.ok(machine.files.has('/elsewhere/systemd/user/grantd.service'))
  machine.files.clear()
  await run(new FakeWorld({ env: { ...env, XDG_CONFIG_HOME: 'here' } }), ['install'], machine)
  t.ok(machine.files.has(`${UNITS}/grantd.service`), 'a relative one is none')
})

t.test('another verb, or another system, is refused', async (t) => {
  const machine = new FakeMachine()
  for (const args of [[], ['start'], ['install', 'more']])
    await t.rejects(run(new FakeWorld(), args, machine), { name: 'UsageError' })
  await t.rejects(run(new FakeWorld({ platform: 'freebsd' }), ['install'], machine), {
    name: 'UsageError',
    message: /only systemd and launchd/,
  })
})

t.test('root can have it done for a user, and nobody else can', async (t) => {
  const machine = new FakeMachine()
  machine.says.set('getent passwd -- alice', { stdout: 'alice:x:1000:1000::/home/alice:/bin/sh\n' })
  const world = new FakeWorld({ uid: 0 })
  t.equal(await run(world, ['install', '--for', 'alice'], machine), 0)
  t.match(world.stdout.text, /^\/etc\/systemd\/system\/grantd@1000\.service: written\n/)
  t.match(world.stdout.text, /\nto undo it: grantd service uninstall --for alice\n$/)
  machine.says.set('systemctl is-active', { stdout: 'inactive\nactive\nactive\n' })
  t.equal(await run(world, ['status', '--for', 'alice'], machine), 0)
  machine.files.delete('/etc/sysusers.d/grantd-1000.conf')
  t.equal(await run(world, ['status', '--for', 'alice'], machine), 1)
  t.match(world.stdout.text, /\nto install: grantd service install --for alice\n$/)
  machine.says.clear()
  for (const verb of ['install', 'status'])
    await t.rejects(run(world, [verb, '--for', '1000'], machine), { message: /there is no user/ })
  t.equal(await run(world, ['uninstall', '--for', '1000'], machine), 0)
  t.same([...machine.files.keys()], [], 'what was set up for an account that is gone')
  for (const other of [{ uid: 1000 }, { uid: 0, platform: 'darwin' as const }])
    await t.rejects(run(new FakeWorld(other), ['install', '--for', 'alice'], machine), {
      name: 'UsageError',
      message: /--for is for root/,
    })
})
