import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startWorld, tokenOf } from '../integration/world.ts'
import { needsAll } from '../needs.ts'
import { DESKTOP, startBus, startKeyring } from './desktop.ts'
import { forgetKernelKey, KERNEL_KEYRING } from './kernel-keys.ts'

const KEYCHAIN = '[vault]\nsealing_key = "auto"\n'

t.test(
  'a grant survives restarts and kills of the daemon, sealed under the keychain',
  DESKTOP,
  async (t) => {
    const desktop = await startBus(t)
    await startKeyring(t, desktop, '--unlock')
    const { DBUS_SESSION_BUS_ADDRESS } = desktop.environment
    const world = await startWorld({ config: KEYCHAIN, environment: { DBUS_SESSION_BUS_ADDRESS } })
    t.teardown(() => world.close())
    t.match((await world.ask('admin', 'GET', '/v1/status')).body, { vault: { kind: 'sealed' } })
    await world.login()
    const first = tokenOf(await world.token({ grant: 'work' }))
    await world.restart()
    const second = tokenOf(await world.token({ grant: 'work' }))
    t.equal(second.generation, first.generation + 1, 'the cache is gone, the grant is not')
    await world.kill()
    await world.restart()
    t.equal(tokenOf(await world.token({ grant: 'work' })).generation, second.generation + 1)
    const records = readdirSync(join(world.directory, 'state/grantd/grants')).map((name) =>
      join(world.directory, 'state/grantd/grants', name),
    )
    t.equal(records.length, 1)
    for (const path of records) {
      t.equal(statSync(path).mode & 0o777, 0o600)
      t.notOk(readFileSync(path, 'latin1').includes('work'), 'not even its name can be read')
    }
    t.match(await world.ask('admin', 'POST', '/v1/grants/work/revoke'), {
      body: { revocation: 'revoked_at_issuer' },
    })
    await world.restart()
    t.match(await world.token({ grant: 'work' }), { body: { code: 'login_required' } })
  },
)

t.test(
  'with a keyring that was locked meanwhile the daemon answers, and recovers without a restart',
  DESKTOP,
  async (t) => {
    const desktop = await startBus(t)
    const unlocked = await startKeyring(t, desktop, '--unlock')
    const { DBUS_SESSION_BUS_ADDRESS } = desktop.environment
    const world = await startWorld({ config: KEYCHAIN, environment: { DBUS_SESSION_BUS_ADDRESS } })
    t.teardown(() => world.close())
    await world.login()
    const kept = /^ok +sealing key [0-9a-f]{16} is kept by the OS keychain, which has answered$/m
    t.match(await world.run(['doctor']), { status: 0, stdout: kept })
    await world.kill()
    unlocked.kill('SIGKILL')
    await world.restart()
    t.match(await world.token({ grant: 'work' }), {
      status: 423,
      body: { code: 'vault_locked', hint: /./ },
    })
    t.match((await world.ask('admin', 'GET', '/v1/status')).body, { vault: { kind: 'locked' } })
    t.match(await world.run(['token', 'work']), { status: 5 })
    const silent = /^fail +the keychain does not give the sealing key — unlock the keychain/m
    t.match(await world.run(['doctor']), { status: 1, stdout: silent })
    await startKeyring(t, desktop, '--unlock')
    let answer = await world.token({ grant: 'work' })
    for (let tries = 0; tries < 100 && answer.status === 423; tries++) {
      await new Promise((next) => setTimeout(next, 100))
      answer = await world.token({ grant: 'work' })
    }
    t.equal(answer.status, 200)
  },
)

t.test(
  'without a keychain the kernel keeps the key, and grants survive all the same',
  needsAll(DESKTOP, KERNEL_KEYRING),
  async (t) => {
    const desktop = await startBus(t)
    const { DBUS_SESSION_BUS_ADDRESS } = desktop.environment
    const world = await startWorld({ config: KEYCHAIN, environment: { DBUS_SESSION_BUS_ADDRESS } })
    t.teardown(() => world.close())
    forgetKernelKey(t, world)
    const { stdout } = await world.run(['status'])
    t.match(stdout, /sealed on disk with a key from the kernel's keyring/)
    await world.login()
    t.equal((await world.token({ grant: 'work' })).status, 200)
    await world.restart()
    t.equal((await world.token({ grant: 'work' })).status, 200)
  },
)
