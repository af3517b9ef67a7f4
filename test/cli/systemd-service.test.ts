import t from 'tap'
import { ServiceCommands } from '../../cli/service-commands.ts'
import type { UnitStep } from '../../cli/service-plan.ts'
import { systemdOfUser } from '../../cli/systemd-service.ts'
import { FakeMachine } from '../fakes/fake-machine.ts'

function scene(env: NodeJS.ProcessEnv = { HOME: '/home/me' }) {
  const machine = new FakeMachine()
  const commands = new ServiceCommands(machine, false)
  return { machine, commands, manager: systemdOfUser({ env, uid: 1000 }, machine, commands) }
}

const step = (kind: UnitStep['kind']): UnitStep => ({ name: 'a', path: '/a', kind, text: '' })

t.test('its units lie where it looks', async (t) => {
  const where = (env: NodeJS.ProcessEnv) => scene(env).manager.places.get('grantd.service')
  t.equal(where({ HOME: '/home/me' }), '/home/me/.config/systemd/user/grantd.service')
  t.equal(where({ HOME: '/h', XDG_CONFIG_HOME: '/c' }), '/c/systemd/user/grantd.service')
  t.equal(where({ HOME: '/h', XDG_CONFIG_HOME: 'c' }), '/h/.config/systemd/user/grantd.service')
})

t.test('without a home it is nowhere, least of all in the directory we are in', async (t) => {
  for (const env of [{}, { HOME: '' }, { HOME: 'h' }, { HOME: '', XDG_CONFIG_HOME: 'c' }])
    t.throws(() => scene(env), { message: 'HOME names no home directory' })
})

t.test('it reads units anew where one was written, and restarts what changed', async (t) => {
  const enable = 'systemctl --user enable --now grantd.socket grantd-admin.socket'
  const reload = 'systemctl --user daemon-reload'
  const table = [
    [['same', 'same'], [enable]],
    [
      ['new', 'same'],
      [reload, enable],
    ],
    [
      ['changed', 'same'],
      [reload, enable, 'systemctl --user try-restart grantd.service'],
    ],
  ] as const
  for (const [kinds, lines] of table) {
    const { manager, commands } = scene()
    await manager.prepare()
    await manager.start(kinds.map(step))
    t.same(commands.lines, lines, kinds.join(' '))
  }
})

t.test('an installation that was cut short is brought to its end', async (t) => {
  const { machine, manager, commands } = scene()
  machine.says.set('systemctl --user show --property=NeedDaemonReload grantd.service', {
    stdout: 'NeedDaemonReload=yes\n',
  })
  await manager.start([step('same')])
  t.same(commands.lines, [
    'systemctl --user daemon-reload',
    'systemctl --user enable --now grantd.socket grantd-admin.socket',
    'systemctl --user try-restart grantd.service',
  ])
})

t.test('only what is there and ours is stopped', async (t) => {
  const table = [
    [['grantd.service'], ['stop grantd.service']],
    [['grantd.socket'], ['disable --now grantd.socket']],
    [
      ['grantd.service', 'grantd.socket', 'grantd-admin.socket'],
      ['disable --now grantd.socket grantd-admin.socket', 'stop grantd.service'],
    ],
  ] as const
  for (const [names, lines] of table) {
    const { manager, commands } = scene()
    await manager.stop(names)
    t.same(
      commands.lines,
      lines.map((line) => `systemctl --user ${line}`),
    )
  }
})

t.test('what it says is told as it says it', async (t) => {
  const { machine, manager } = scene()
  t.same([await manager.listens(), await manager.isEnabled()], [false, false])
  t.same(await manager.activity(), ['unknown', 'unknown', 'unknown'])
  t.equal(await manager.lingers(), undefined)
  t.equal(await manager.silence(), undefined)
  machine.says.set('loginctl show-user 1000 --property=Linger', { stdout: 'yes\n' })
  machine.says.set('systemctl --user is-active', { stdout: 'active\nfailed\n' })
  machine.files.set('/home/me/.config/systemd/user/sockets.target.wants/grantd.socket', '')
  t.same([await manager.listens(), await manager.isEnabled()], [false, true])
  t.same(await manager.activity(), ['active', 'failed', 'unknown'])
  t.equal(await manager.lingers(), true)
  machine.says.set('systemctl --user show', { status: 1, stderr: 'no bus\nmore\n' })
  t.equal(await manager.silence(), 'no systemd of this user answers (no bus)')
})
