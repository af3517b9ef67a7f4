import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { isolatedKeychain } from '../../daemon/platform/keychain.ts'
import { type Answer, startWorld, tokenOf, type World } from '../integration/world.ts'
import { DESKTOP, type Desktop, ended, startBus, startKeyring } from './desktop.ts'
import { forgetKernelKey, KERNEL_KEYRING, KEYRING, kernelKeyOf } from './kernel-keys.ts'

/** A keychain has 2 s to answer, and a machine at work may take as long again. */
const ANSWER_MS = 4_000

async function worldWith(
  t: Test,
  wish: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<World> {
  const world = await startWorld({ config: `[vault]\nsealing_key = "${wish}"\n`, environment })
  t.teardown(() => world.close())
  return world
}

function stateOf({ directory }: World): string {
  return join(directory, 'state', 'grantd')
}

/** Locked, told with a hint, and in time: nobody waits for a keychain. */
async function refusedInTime(t: Test, world: World): Promise<void> {
  const before = performance.now()
  t.match(await world.token({ grant: 'work' }), {
    status: 423,
    body: { code: 'vault_locked', hint: /./ },
  })
  t.ok(performance.now() - before < ANSWER_MS)
  t.equal((await world.ask('broker', 'GET', '/v1/health')).status, 200)
}

/** Asks until the vault is open; the daemon is the same all the time. */
async function recovered(t: Test, world: World): Promise<Answer> {
  const pid = world.daemonPid()
  let answer = await world.token({ grant: 'work' })
  for (let tries = 0; tries < 150 && answer.status === 423; tries++) {
    await new Promise((next) => setTimeout(next, 100))
    answer = await world.token({ grant: 'work' })
  }
  t.equal(answer.status, 200)
  t.equal(world.daemonPid(), pid, 'without a restart')
  return answer
}

/** What names the key and pins it: the same as long as nobody made another. */
function pinOf(world: World): string {
  return readFileSync(join(stateOf(world), 'sealing-key.pin'), 'hex')
}

async function desktopWorld(t: Test): Promise<{
  readonly desktop: Desktop
  readonly keyring: Awaited<ReturnType<typeof startKeyring>>
  readonly world: World
}> {
  const desktop = await startBus(t)
  const keyring = await startKeyring(t, desktop, '--unlock')
  const { DBUS_SESSION_BUS_ADDRESS } = desktop.environment
  const world = await worldWith(t, 'auto', { DBUS_SESSION_BUS_ADDRESS })
  await world.login()
  return { desktop, keyring, world }
}

t.test('a keyring daemon that is stopped delays nobody, and is waited for', DESKTOP, async (t) => {
  const { keyring, world } = await desktopWorld(t)
  const pin = pinOf(world)
  keyring.kill('SIGSTOP')
  t.equal((await world.token({ grant: 'work' })).status, 200, 'an open vault needs no keychain')
  await world.restart()
  await refusedInTime(t, world)
  t.match((await world.ask('admin', 'GET', '/v1/status')).body, { vault: { kind: 'locked' } })
  keyring.kill('SIGCONT')
  await recovered(t, world)
  t.equal(pinOf(world), pin)
})

t.test(
  'a keyring daemon that is killed, and comes back locked, costs no key',
  DESKTOP,
  async (t) => {
    const { desktop, keyring, world } = await desktopWorld(t)
    const pin = pinOf(world)
    await ended(keyring)
    t.equal((await world.token({ grant: 'work' })).status, 200)
    await world.restart()
    await refusedInTime(t, world)
    const locked = await startKeyring(t, desktop)
    await refusedInTime(t, world)
    t.match(await world.run(['unlock']), { status: 5 }, 'and unlock says so')
    await ended(locked)
    await startKeyring(t, desktop, '--unlock')
    await recovered(t, world)
    t.equal(pinOf(world), pin, 'no second key was made')
    const account = kernelKeyOf(world).replace('grantd:', '').replace(':', '-')
    const keychain = isolatedKeychain(desktop.environment)
    t.match(await keychain({ op: 'get', service: 'grantd', account }, 20_000), { kind: 'value' })
  },
)

t.test(
  'under the kernel’s keyring grants survive restarts and kills',
  KERNEL_KEYRING,
  async (t) => {
    const world = await worldWith(t, 'kernel-keyring')
    const key = forgetKernelKey(t, world)
    await world.login()
    const first = tokenOf(await world.token({ grant: 'work' }))
    await world.restart()
    await world.kill()
    await world.restart()
    t.equal(tokenOf(await world.token({ grant: 'work' })).generation, first.generation + 1)
    t.equal(kernelKeyOf(world), key)

    const other = await worldWith(t, 'kernel-keyring')
    const otherKey = forgetKernelKey(t, other)
    t.not(otherKey, key)
    await other.login()
    t.match(await other.run(['vault', 'init', '--discard-sealed', '--yes']), { status: 0 })
    t.equal(KEYRING.get(otherKey), undefined, 'a key that is given up is gone')
    forgetKernelKey(t, other)
    t.ok(KEYRING.get(key), 'and the one of another vault is not')
    t.equal((await world.token({ grant: 'work' })).status, 200)

    KEYRING.remove(key)
    await world.restart()
    t.match(await world.token({ grant: 'work' }), {
      status: 423,
      body: {
        detail: /gone from the kernel's keyring, most likely by a reboot/,
        hint: /grantd vault init/,
      },
    })
    t.equal(readdirSync(join(stateOf(world), 'grants')).length, 1, 'nothing is thrown away for it')
  },
)

t.test('a copied state directory with its key does not open on another machine', async (t) => {
  const credentials = join(t.testdir(), 'credentials')
  mkdirSync(credentials, { mode: 0o700 })
  writeFileSync(join(credentials, 'grantd-sealing-key'), randomBytes(32), { mode: 0o400 })
  const environment = { CREDENTIALS_DIRECTORY: credentials }
  const world = await worldWith(t, 'credential-file', environment)
  await world.login()
  t.equal((await world.token({ grant: 'work' })).status, 200)
  await world.restart()
  t.equal((await world.token({ grant: 'work' })).status, 200)

  const elsewhere = await worldWith(t, 'credential-file', environment)
  await elsewhere.kill()
  const copy = stateOf(elsewhere)
  rmSync(copy, { recursive: true })
  cpSync(stateOf(world), copy, { recursive: true })
  // the identity of a machine that has no other, which is what counts when it is there
  writeFileSync(join(copy, 'machine-id'), `${randomBytes(16).toString('hex')}\n`, { mode: 0o600 })
  await elsewhere.restart()
  t.match(await elsewhere.token({ grant: 'work' }), {
    status: 423,
    body: { code: 'vault_locked', detail: 'the vault was sealed on another machine' },
  })
  t.match((await elsewhere.run(['status'])).stdout, /sealed on another machine/)
  rmSync(join(copy, 'machine-id'))
  await elsewhere.restart()
  t.equal((await elsewhere.token({ grant: 'work' })).status, 200, 'on its own machine it opens')
})
