import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { askSocket } from '../fakes/ask-socket.ts'
import {
  BROKER,
  CONFIG,
  grantd,
  health,
  outcome,
  property,
  run,
  systemctl,
  UNITS,
} from './own-service.ts'
import { underUserManager } from './user-manager.ts'

underUserManager('a user’s systemd keeps the daemon up', fileURLToPath(import.meta.url), () => {
  t.before(() => {
    mkdirSync(dirname(CONFIG), { recursive: true, mode: 0o700 })
    writeFileSync(CONFIG, '[vault]\nsealing_key = "memory"\n', { mode: 0o600 })
  })

  t.test('install enables the sockets, and the first request starts the service', async (t) => {
    const installed = await grantd('service', 'install')
    t.equal(installed.stderr, '')
    t.equal(installed.status, 0)
    t.match(installed.stdout, /grantd\.service: written\n/)
    t.match(installed.stdout, /ran: systemctl --user enable --now grantd\.socket/)
    t.equal(await property('ActiveState'), 'inactive', 'nobody has asked yet')
    t.match(await health(), { status: 200, json: { status: 'ok' } })
    // it answers a moment before systemd has read that it is ready
    while ((await property('ActiveState')) !== 'active') await pause(10)
    t.match(await property('StatusText'), /^0 grants; /)
    t.match((await grantd('status')).stdout, /bound by systemd/)
    t.equal((await grantd('service', 'status')).status, 0)
    const again = await grantd('service', 'install')
    t.match(again.stdout, /grantd\.service: as it was\n/)
    t.notMatch(again.stdout, /written|daemon-reload/)
    t.equal(
      (await run('systemd-analyze', '--user', 'verify', join(UNITS, 'grantd.service'))).stderr,
      '',
    )
  })

  t.test('the unit lets it know its callers, and closes it to them', async (t) => {
    const { json } = await askSocket(BROKER, 'POST', '/v1/token', { grant: 'nobody' })
    t.equal(json['code'], 'unknown_grant')
    const audit = await grantd('audit', 'query', '--json', '--event', 'token.denied')
    t.match(audit.stdout, new RegExp(`"executable":"${process.execPath}"`))
    const pid = await property('MainPID')
    t.throws(() => readFileSync(`/proc/${pid}/environ`), { code: 'EACCES' })
  })

  t.test('after SIGKILL the next request is served by another process', async (t) => {
    await health()
    const before = await property('MainPID')
    process.kill(Number(before), 'SIGKILL')
    const answers = await Promise.all([1, 2, 3, 4].map(() => askUntilServed()))
    for (const status of answers) t.equal(status, 200)
    t.not(await property('MainPID'), before)
    t.ok(existsSync(BROKER))
  })

  t.test('SIGHUP reads the configuration anew', async (t) => {
    const before = await property('MainPID')
    writeFileSync(CONFIG, '[vault]\nsealing_key = "memory"\nwrong = 1\n')
    t.equal((await systemctl('reload', 'grantd.service')).status, 0)
    const { stdout } = await grantd('audit', 'query', '--event', 'policy.broken', '--json')
    t.match(stdout, /"event":"policy.broken"/)
    writeFileSync(CONFIG, '[vault]\nsealing_key = "memory"\n')
    t.equal((await systemctl('reload', 'grantd.service')).status, 0)
    t.equal(await property('MainPID'), before)
    t.equal((await health()).status, 200)
  })

  t.test('a loop that hangs is killed by the watchdog, and who waits is served', async (t) => {
    const dropIn = join(UNITS, 'grantd.service.d')
    mkdirSync(dropIn)
    writeFileSync(join(dropIn, 'test.conf'), '[Service]\nWatchdogSec=2\n')
    await systemctl('daemon-reload')
    await systemctl('restart', 'grantd.service')
    await pause(3_000)
    const before = await property('MainPID')
    t.equal(await property('NRestarts'), '0', 'while it is well it is left alone')
    process.kill(Number(before), 'SIGSTOP')
    t.equal(await askUntilServed(), 200)
    t.not(await property('MainPID'), before)
    t.equal(await property('NRestarts'), '1')
  })

  t.test('stop leaves the sockets, and the next request starts it again', async (t) => {
    t.equal((await systemctl('stop', 'grantd.service')).status, 0)
    t.equal(await property('ActiveState'), 'inactive')
    t.equal(await property('Result'), 'success')
    t.equal((await health()).status, 200)
  })

  t.test('restarts fail no request of those who go on asking', async (t) => {
    const over = new AbortController()
    const askOn = async (): Promise<readonly (number | string)[]> => {
      const seen: (number | string)[] = []
      while (!over.signal.aborted) seen.push(await outcome())
      return seen
    }
    const asking = [1, 2, 3, 4].map(askOn)
    for (let round = 0; round < 5; round += 1)
      t.equal((await systemctl('restart', 'grantd.service')).status, 0)
    over.abort()
    const seen = (await Promise.all(asking)).flat()
    t.same([...new Set(seen)], [200], `${seen.length} requests`)
    t.ok(seen.length > 20)
  })

  t.test('a service that cannot start takes no socket down', async (t) => {
    const dropIn = join(UNITS, 'grantd.service.d', 'test.conf')
    writeFileSync(dropIn, '[Service]\nExecStart=\nExecStart=/bin/false\nRestartSec=20ms\n')
    await systemctl('daemon-reload')
    await systemctl('stop', 'grantd.service')
    const waiting = askUntilServed()
    while (Number(await property('NRestarts')) < 20) await pause(50)
    t.equal(await property('ActiveState', 'grantd.socket'), 'active')
    writeFileSync(dropIn, '')
    await systemctl('daemon-reload')
    t.equal(await waiting, 200, 'who waited is served once it is mended')
  })

  t.test('uninstall removes what install made, and nothing else', async (t) => {
    const { status, stdout } = await grantd('service', 'uninstall')
    t.equal(status, 0)
    t.match(stdout, /grantd\.socket: removed/)
    for (const name of ['grantd.service', 'grantd.socket', 'grantd-admin.socket'])
      t.notOk(existsSync(join(UNITS, name)))
    t.notOk(existsSync(BROKER))
    t.ok(existsSync(CONFIG))
    t.match((await grantd('service', 'uninstall')).stdout, /no unit of ours is installed/)
    t.equal((await grantd('service', 'status')).status, 1)
  })
})

/** Asks like a client that tries once more when its connection is reset; the status of the answer. */
async function askUntilServed(): Promise<number> {
  for (let tries = 0; ; tries += 1)
    try {
      return (await health()).status
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      if (!['ECONNRESET', 'EPIPE'].includes(code) || tries === 5) throw error
    }
}
