import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { DurableProvider, Keeper } from '../../../daemon/vault/keeper.ts'
import { type Asking, vaultMaker } from '../../../daemon/vault/vault-maker.ts'
import { FakeKeeper, FakeWorld } from './fake-keepers.ts'
import { sampleRecord } from './sample-records.ts'

const ASKING: Asking = {
  passphrase: undefined,
  isPersonWaiting: false,
  signal: new AbortController().signal,
}

t.test('one state directory: opened, looked at, rekeyed, discarded', async (t) => {
  const state = join(t.testdir(), 'state')
  const keepers = [new FakeKeeper('keychain'), new FakeKeeper('kernel_keyring')]
  const world = new FakeWorld(state, keepers)
  const asked: Asking[] = []
  const givenUp: boolean[] = []
  const maker = vaultMaker({
    files: world.files,
    machineIdentity: async (isGivenUp) => {
      givenUp.push(isGivenUp)
      return 'machine one'
    },
    wish: () => 'auto',
    keeperOf: (provider: DurableProvider, asking): Keeper => {
      asked.push(asking)
      return world.keeperOf(provider)
    },
  })
  t.equal(maker.wish(), 'auto')
  t.same(await maker.look(), {
    records: 0,
    isAnything: false,
    isRekeying: false,
    takesPassphrase: false,
  })
  const opening = await maker.open(ASKING)
  if (opening.kind === 'locked') throw new Error(opening.reason)
  t.same(asked, [ASKING])
  await opening.vault.add(sampleRecord({ id: 'a' }))
  const { keyId } = opening.vault
  t.same(await maker.look(), {
    records: 1,
    isAnything: true,
    isRekeying: false,
    takesPassphrase: false,
    provider: 'keychain',
    keyId,
  })
  await maker.rekey(opening.vault, 'kernel_keyring', ASKING)
  t.match(await maker.look(), { provider: 'kernel_keyring', records: 1 })
  await opening.vault.close()
  t.match(await maker.init({ provider: 'keychain', discardSealed: true }, ASKING), { kind: 'open' })
  t.same(givenUp, [false, false, true], 'only where all is given up a machine may be another')
  t.match(await maker.look(), { provider: 'keychain', records: 0 })
})

t.test('who locked it is written down; in doubt it was a person', async (t) => {
  const state = t.testdir()
  const maker = vaultMaker({
    files: new FakeWorld(state, []).files,
    machineIdentity: async () => 'machine one',
    wish: () => 'auto',
    keeperOf: () => new FakeKeeper('keychain'),
  })
  t.equal(await maker.readLock(), undefined)
  for (const by of ['idle', 'person'] as const) {
    await maker.writeLock(by)
    t.equal(await maker.readLock(), by)
  }
  writeFileSync(join(state, 'locked'), 'garbage')
  t.equal(await maker.readLock(), 'person')
  await maker.removeLock()
  t.equal(await maker.readLock(), undefined)
})
