import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ServiceCommands } from '../../cli/service-commands.ts'
import type { UnitStep } from '../../cli/service-plan.ts'
import { systemdOfMachine } from '../../cli/systemd-of-machine.ts'
import { FakeMachine } from '../fakes/fake-machine.ts'

const SOCKETS = 'grantd@1000.socket grantd-admin@1000.socket'
const SETTINGS = '/etc/grantd/users/1000'
const PROGRAM = { node: '/usr/bin/node', nodeOptions: [], script: '/opt/grantd/main.js' }

function scene() {
  const machine = new FakeMachine()
  const commands = new ServiceCommands(machine, false)
  const manager = systemdOfMachine({ name: 'alice', uid: 1000 }, machine, commands)
  return { machine, commands, manager }
}

const step = (kind: UnitStep['kind']): UnitStep => ({ name: 'a', path: '/a', kind, text: '' })

t.test('each user has units and an account of their own', async (t) => {
  const { manager } = scene()
  t.same(
    [...manager.places],
    [
      ['grantd@1000.service', '/etc/systemd/system/grantd@1000.service'],
      ['grantd@1000.socket', '/etc/systemd/system/grantd@1000.socket'],
      ['grantd-admin@1000.socket', '/etc/systemd/system/grantd-admin@1000.socket'],
      ['grantd-1000.conf', '/etc/sysusers.d/grantd-1000.conf'],
    ],
  )
  const units = await manager.render(PROGRAM)
  t.same([...units.keys()], [...manager.places.keys()])
  t.match(
    units.get('grantd@1000.service'),
    'ExecStart="/usr/bin/node" "/opt/grantd/main.js" "serve"\n',
  )
  const account = 'u grantd-1000 - "grantd of alice" /var/lib/grantd/1000\n'
  t.equal(units.get('grantd-1000.conf'), manager.mark + account)
})

t.test('a program that others can change is none to be trusted by anybody', async (t) => {
  for (const open of [PROGRAM.node, '/opt/grantd', '/opt/grantd/lib']) {
    const { machine, manager } = scene()
    machine.open = [open]
    await t.rejects(manager.render(PROGRAM), {
      message: new RegExp(
        `^others than root can change "${open}", and so what runs as grantd-1000`,
      ),
    })
  }
})

t.test('a configuration and a key are made where there are none', async (t) => {
  const directories = `install -d -m 755 /etc/grantd /etc/grantd/users ${SETTINGS}`
  const table = [
    [[], [/^install/, /^sh -c .*printf.*config\.toml/, /^sh -c .*systemd-creds encrypt/]],
    [['config.toml'], [/^install/, /systemd-creds/]],
    [['grantd-sealing-key'], [/^install/, /printf/]],
    [['config.toml', 'grantd-sealing-key'], []],
  ] as const
  for (const [there, lines] of table) {
    const { machine, commands, manager } = scene()
    for (const name of there) machine.files.set(`${SETTINGS}/${name}`, 'there')
    await manager.prepare()
    t.match(commands.lines, lines)
    t.equal(commands.lines.length, lines.length)
    if (lines.length > 0) t.equal(commands.lines[0], directories)
  }
})

t.test('what is made is whole, and nobody’s work is replaced', async (t) => {
  const { machine, manager } = scene()
  await manager.prepare()
  const directory = t.testdir()
  const config = join(directory, 'config.toml')
  const [, line = ''] = machine.ran
  const script = line.replace('sh -c ', '').replaceAll(`${SETTINGS}/config.toml`, config)
  execFileSync('sh', ['-c', script])
  const text = '[vault]\nsealing_key = "credential-file"\n'
  t.equal(readFileSync(config, 'utf8'), text)
  t.equal(statSync(config).mode & 0o777, 0o644)
  writeFileSync(config, 'of another')
  execFileSync('sh', ['-c', script])
  t.equal(readFileSync(config, 'utf8'), 'of another')
  t.same(readdirSync(directory), ['config.toml'], 'and nothing is left over')
  rmSync(config)
  t.throws(() => execFileSync('sh', ['-c', script.replace('printf', 'false')]))
  t.same(readdirSync(directory), [], 'half a file is none')
})

t.test('an installation that was cut short is brought to its end', async (t) => {
  const { machine, manager, commands } = scene()
  machine.says.set('systemctl show --property=NeedDaemonReload grantd@1000.service', {
    stdout: 'NeedDaemonReload=yes\n',
  })
  await manager.start([{ name: 'a', path: '/a', kind: 'same', text: '' }])
  t.same(commands.lines.slice(1), [
    'systemctl daemon-reload',
    `systemctl enable --now ${SOCKETS}`,
    'systemctl try-restart grantd@1000.service',
  ])
})

t.test('the account is made before the sockets listen', async (t) => {
  const account = 'systemd-sysusers /etc/sysusers.d/grantd-1000.conf'
  const enable = `systemctl enable --now ${SOCKETS}`
  const reload = 'systemctl daemon-reload'
  const table = [
    ['same', [account, enable]],
    ['new', [account, reload, enable]],
    ['changed', [account, reload, enable, 'systemctl try-restart grantd@1000.service']],
  ] as const
  for (const [kind, lines] of table) {
    const { commands, manager } = scene()
    await manager.start([step(kind)])
    t.same(commands.lines, lines, kind)
  }
})

t.test('its end takes the sockets first, and then their directory', async (t) => {
  const { commands, manager } = scene()
  await manager.stop([...manager.places.keys()])
  await manager.forget()
  t.same(commands.lines, [
    `systemctl disable --now ${SOCKETS}`,
    'systemctl stop grantd@1000.service',
    'systemctl daemon-reload',
    'rm -rf /run/grantd/1000',
  ])
})

t.test('only what is there and ours is stopped', async (t) => {
  const { manager, commands } = scene()
  await manager.stop(['grantd-admin@1000.socket', 'grantd-1000.conf'])
  t.same(commands.lines, ['systemctl disable --now grantd-admin@1000.socket'])
})

t.test('what it says is told as it says it', async (t) => {
  const { machine, manager } = scene()
  t.same([await manager.listens(), await manager.isEnabled()], [true, false])
  t.equal(await manager.lingers(), undefined)
  t.equal(await manager.silence(), undefined)
  machine.says.set('systemctl is-active', { stdout: 'active\nfailed\n' })
  t.same(await manager.activity(), ['active', 'failed', 'unknown', 'there'])
  machine.says.set('getent passwd grantd-1000', { status: 2 })
  t.equal((await manager.activity()).at(-1), 'unknown')
  machine.files.set('/etc/systemd/system/sockets.target.wants/grantd@1000.socket', '')
  t.equal(await manager.isEnabled(), true)
  machine.says.set('systemctl show', { status: 1, stderr: 'no bus\nmore\n' })
  t.equal(await manager.silence(), 'no systemd of this machine answers (no bus)')
})
