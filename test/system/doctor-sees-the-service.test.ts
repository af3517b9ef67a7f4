import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { COMMAND, startProgram } from '../integration/command.ts'
import { underUserManager } from './user-manager.ts'

const { HOME = '' } = process.env
const UNITS = join(HOME, '.config', 'systemd', 'user')
const HERE = { environment: process.env, directory: '/' }

const grantd = (...args: readonly string[]) =>
  startProgram(process.execPath, [COMMAND, ...args], HERE).ended
const systemctl = (...args: readonly string[]) =>
  startProgram('systemctl', ['--user', ...args], HERE).ended

underUserManager('doctor sees the service', fileURLToPath(import.meta.url), () => {
  t.before(() => {
    mkdirSync(join(HOME, '.config', 'grantd'), { recursive: true, mode: 0o700 })
    const config = join(HOME, '.config', 'grantd', 'config.toml')
    writeFileSync(config, '[vault]\nsealing_key = "memory"\n', { mode: 0o600 })
  })

  t.test('a machine without one', async (t) => {
    const { status, stdout } = await grantd('doctor')
    t.equal(status, 1, 'nobody answers')
    t.match(stdout, /^ok .*no service is installed — .*grantd service install$/m)
    t.match(stdout, /^ok .*your services end with your last logout/m)
  })

  t.test('one that is well, and started by the question', async (t) => {
    t.match(await grantd('service', 'install'), { status: 0 })
    const { status, stdout } = await grantd('doctor')
    t.equal(status, 0, stdout)
    for (const line of [
      'the service starts this node and this command',
      'unit grantd.service is active',
      'unit grantd.socket is active',
      'unit grantd-admin.socket is active',
      'the daemon is closed to your other programs',
    ])
      t.match(stdout, new RegExp(`^ok +${line.replaceAll('.', '\\.')}$`, 'm'))
    t.notMatch(stdout, /is not the one of the service|does not listen|older unit/)
    t.match(stdout, /^warn +your services end with your last logout — .*enable-linger$/m)
  })

  t.test('a unit whose node has gone, before and after systemd has read it', async (t) => {
    const unit = join(UNITS, 'grantd.service')
    const text = readFileSync(unit, 'utf8')
    writeFileSync(unit, text.replace(realpathSync(process.execPath), '/nonexistent/node'))
    const gone =
      /^fail +the service starts \/nonexistent\/node, which is not there — grantd service install$/m
    const before = await grantd('doctor')
    t.match(before, { status: 1, stdout: gone })
    t.match(before.stdout, /^warn +systemd has an older unit grantd\.service — .*daemon-reload$/m)
    await systemctl('daemon-reload')
    await systemctl('stop', 'grantd.service')
    const after = await grantd('doctor')
    t.match(after, { status: 1, stdout: gone })
    t.match(after.stdout, /^fail +no daemon answers: .* — systemd cannot start it, see why: /m)
    t.match(await grantd('service', 'install'), { status: 0 })
    t.match(await grantd('doctor'), { status: 0 }, 'its advice helps')
  })

  t.test('sockets that nobody listens on', async (t) => {
    await systemctl('stop', 'grantd.socket', 'grantd-admin.socket')
    const { status, stdout } = await grantd('doctor')
    t.equal(status, 1)
    t.match(stdout, /^fail +no daemon answers/m)
    const advice = /^warn +systemd does not listen: .* — run: (systemctl --user enable --now .*)$/m
    const [, command = ''] = advice.exec(stdout) ?? []
    t.match(await systemctl(...command.split(' ').slice(2)), { status: 0 })
    t.match(await grantd('doctor'), { status: 0 }, 'its advice helps')
  })

  t.test('a daemon that is not the service’s', async (t) => {
    await systemctl('stop', 'grantd.socket', 'grantd-admin.socket')
    const other = startProgram(process.execPath, [COMMAND, 'serve'], HERE)
    await other.printed(/"(listening)"/)
    const { status, stdout } = await grantd('doctor')
    t.equal(status, 0, stdout)
    t.match(stdout, /^warn +the daemon that answers \(pid \d+\) is not the one of the service/m)
    other.kill('SIGTERM')
    await other.ended
  })
})
