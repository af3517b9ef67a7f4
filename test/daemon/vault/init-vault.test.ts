import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { initVault } from '../../../daemon/vault/init-vault.ts'
import { openVault } from '../../../daemon/vault/open-vault.ts'
import { rekeyVault } from '../../../daemon/vault/rekey-vault.ts'
import { FakeKeeper, FakeWorld, Faults, refusal } from './fake-keepers.ts'
import { sampleRecord } from './sample-records.ts'

function worldIn(t: Test, wish: FakeWorld['wish'] = 'auto'): FakeWorld {
  const keepers = [
    new FakeKeeper('keychain'),
    new FakeKeeper('kernel_keyring'),
    new FakeKeeper('passphrase'),
  ]
  return new FakeWorld(join(t.testdir(), 'state'), keepers, wish)
}

/** A world in whose vault one grant and one broken record lie. */
async function sealedWorld(t: Test): Promise<FakeWorld> {
  const world = worldIn(t)
  const opening = await openVault(world)
  if (opening.kind === 'locked') throw new Error(opening.reason)
  await opening.vault.add(sampleRecord({ id: 'a' }))
  await opening.vault.close()
  writeFileSync(join(t.testdirName, 'state', 'grants', 'b.grant'), 'garbage')
  writeFileSync(join(t.testdirName, 'state', 'rekey'), 'garbage')
  return world
}

const HOW = { provider: undefined, discardSealed: false }

t.test('the first key is made where it was asked for', async (t) => {
  t.match(await initVault(worldIn(t), HOW), { vault: { provider: 'keychain' } })
  const by = { ...HOW, provider: 'passphrase' } as const
  t.match(await initVault(worldIn(t), by), { vault: { provider: 'passphrase' } })
  t.match(await initVault(worldIn(t, 'passphrase'), HOW), { vault: { provider: 'passphrase' } })
})

t.test('what is sealed is never given up without being told so', async (t) => {
  const world = await sealedWorld(t)
  await t.rejects(initVault(world, HOW), {
    code: 'invalid_request',
    message: /and 2 grants sealed under it, which this would give up for good$/,
    hint: /grantd vault rekey.*--discard-sealed$/,
  })
  t.same(readdirSync(join(t.testdirName, 'state', 'grants')), ['a.grant', 'b.grant'])
})

t.test('what is discarded is gone before there is another key, and so is its key', async (t) => {
  const world = await sealedWorld(t)
  const before = [...(world.keepers.get('keychain')?.keys.keys() ?? [])]
  const answer = await initVault(world, { provider: 'kernel_keyring', discardSealed: true })
  t.match(answer, { kind: 'open', vault: { provider: 'kernel_keyring', broken: [] } })
  t.same(readdirSync(join(t.testdirName, 'state', 'grants')), [])
  t.notOk(existsSync(join(t.testdirName, 'state', 'rekey')))
  t.equal(before.length, 1)
  t.equal(world.keepers.get('keychain')?.keys.size, 0)
})

t.test('nothing is discarded for a key that cannot be made', async (t) => {
  const world = await sealedWorld(t)
  const keyring = world.keepers.get('kernel_keyring')
  if (keyring !== undefined) keyring.refusal = refusal('unavailable')
  const how = { provider: 'kernel_keyring', discardSealed: true } as const
  await t.rejects(initVault(world, how), {
    code: 'vault_locked',
    message: 'nothing was discarded: it is unavailable',
    hint: 'mend unavailable',
  })
  t.same(readdirSync(join(t.testdirName, 'state', 'grants')), ['a.grant', 'b.grant'])
  const keychain = world.keepers.get('keychain')
  if (keychain !== undefined) keychain.refusal = refusal('unavailable')
  // the first choice leads on to the next, and at last to memory
  const auto = { provider: undefined, discardSealed: true }
  t.match(await initVault(world, auto), { kind: 'open', vault: { provider: 'memory' } })
})

t.test('a discard with a rekey unfinished forgets both keys', async (t) => {
  const world = worldIn(t)
  const opening = await openVault(world)
  if (opening.kind === 'locked') throw new Error(opening.reason)
  await opening.vault.add(sampleRecord({ id: 'a' }))
  const full = world.on({ writeFile: (file, bytes) => unlessPin(world, file, bytes) })
  await t.rejects(rekeyVault(opening.vault, full, 'kernel_keyring'), { code: 'vault_locked' })
  await opening.vault.close()
  const keysOf = (name: 'keychain' | 'kernel_keyring') => world.keepers.get(name)?.keys.size
  t.same([keysOf('keychain'), keysOf('kernel_keyring')], [1, 1])
  const answer = await initVault(world, { provider: 'passphrase', discardSealed: true })
  t.equal(answer.kind, 'open')
  t.same([keysOf('keychain'), keysOf('kernel_keyring')], [0, 0])
})

async function unlessPin(
  { files }: FakeWorld,
  ...[file, bytes]: Parameters<FakeWorld['files']['writeFile']>
): Promise<void> {
  if (file === 'pin') throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
  await files.writeFile(file, bytes)
}

t.test('a discard that breaks at any call leaves no record without its pin', async (t) => {
  for (let n = 1; ; n++) {
    const world = await sealedWorld(t)
    const faults = new Faults('crashes after', n)
    faults.arm()
    await initVault(faults.world(world), { ...HOW, discardSealed: true }).catch(() => undefined)
    const state = join(t.testdirName, 'state')
    const isPinned = existsSync(join(state, 'sealing-key.pin'))
    const left = readdirSync(join(state, 'grants')).length
    t.ok(isPinned || left === 0, `call ${n}`)
    if (faults.count < n) break
  }
})

t.test('a keeper who refuses, or a directory that cannot be used, is told', async (t) => {
  const world = worldIn(t)
  const keychain = world.keepers.get('keychain')
  if (keychain !== undefined) keychain.refusal = refusal('silent')
  t.match(await initVault(world, HOW), { kind: 'locked', reason: 'it is silent' })
  const nowhere = new FakeWorld(join(t.testdir({ file: '' }), 'file', 'state'), [])
  t.match(await initVault(nowhere, HOW), { kind: 'locked', reason: /ENOTDIR/ })
})
