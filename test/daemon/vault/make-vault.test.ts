import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeVault } from '../../../daemon/vault/make-vault.ts'
import { FakeKeeper, FakeWorld, refusal } from './fake-keepers.ts'

const ALL = ['keychain', 'kernel_keyring', 'memory'] as const

function keepers(): readonly [FakeKeeper, FakeKeeper] {
  return [new FakeKeeper('keychain'), new FakeKeeper('kernel_keyring')]
}

/** A world whose directory is there already, as `openVault` leaves it. */
async function worldIn(state: string, both: readonly FakeKeeper[]): Promise<FakeWorld> {
  const world = new FakeWorld(state, both)
  await world.files.prepare()
  return world
}

t.test('the first who can be reached keeps the key', async (t) => {
  const [keychain, kernel] = keepers()
  const world = await worldIn(join(t.testdir(), 'state'), [keychain, kernel])
  t.match(await makeVault(world, ALL), { kind: 'open', vault: { provider: 'keychain' } })
  t.equal(kernel.keys.size, 0)
})

t.test('who cannot be reached is passed over, once for each', async (t) => {
  const [keychain, kernel] = keepers()
  keychain.keepRefusal = refusal('unavailable')
  const world = await worldIn(join(t.testdir(), 'state'), [keychain, kernel])
  t.match(await makeVault(world, ALL), { kind: 'open', vault: { provider: 'kernel_keyring' } })
  kernel.keepRefusal = refusal('unavailable')
  t.match(await makeVault(world, ALL), {
    kind: 'open',
    vault: { kind: 'memory' },
    notice:
      'it is unavailable, and it is unavailable: grants are kept in memory and end with the daemon',
  })
})

for (const kind of ['none', 'silent'] as const)
  t.test(`a keychain that is ${kind} leads to no other keeper, and to no record`, async (t) => {
    const [keychain, kernel] = keepers()
    keychain.keepRefusal = refusal(kind)
    const state = join(t.testdir(), 'state')
    const world = await worldIn(state, [keychain, kernel])
    t.match(await makeVault(world, ALL), { kind: 'locked', reason: `it is ${kind}` })
    t.same(kernel.asked, [])
    t.same(readdirSync(state), ['grants'])
  })

t.test('a keeper chosen by name never falls back', async (t) => {
  const [keychain, kernel] = keepers()
  keychain.refusal = refusal('unavailable')
  const world = await worldIn(join(t.testdir(), 'state'), [keychain, kernel])
  t.match(await makeVault(world, ['keychain']), { kind: 'locked', reason: 'it is unavailable' })
  await t.rejects(makeVault(world, []), TypeError)
})

t.test('a key that cannot be pinned is given back', async (t) => {
  const [keychain, kernel] = keepers()
  const world = await worldIn(join(t.testdir(), 'state'), [keychain, kernel])
  const full = async (): Promise<never> => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC' })
  }
  const { keeperOf, machineIdentity } = world
  const files = { ...world.files, writeFile: full }
  t.match(await makeVault({ files, keeperOf, machineIdentity }, ALL), {
    kind: 'locked',
    reason: 'the vault cannot be written: ENOSPC',
  })
  t.equal(keychain.keys.size, 0)
})
