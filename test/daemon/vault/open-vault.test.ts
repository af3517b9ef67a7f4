import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { openVault, type VaultOpening, type VaultWorld } from '../../../daemon/vault/open-vault.ts'
import type { SealedRecords } from '../../../daemon/vault/sealed-records.ts'
import { recordDirectory } from '../../../daemon/vault/state-directory.ts'
import { rotate } from './conformance.ts'
import { FakeKeeper, FakeWorld, refusal } from './fake-keepers.ts'
import { flipped, sampleRecord } from './sample-records.ts'

interface Scene {
  readonly state: string
  readonly keychain: FakeKeeper
  readonly kernel: FakeKeeper
}

function sceneIn(t: Test): Scene {
  const keychain = new FakeKeeper('keychain')
  return { state: join(t.testdir(), 'state'), keychain, kernel: new FakeKeeper('kernel_keyring') }
}

function open(
  { state, keychain, kernel }: Scene,
  wish: VaultWorld['wish'] = 'auto',
  machine = 'machine one',
): Promise<VaultOpening> {
  return openVault(new FakeWorld(state, [keychain, kernel], wish, machine))
}

async function opened(opening: Promise<VaultOpening>): Promise<SealedRecords> {
  const answer = await opening
  if (answer.kind === 'locked') throw new Error(answer.reason)
  return answer.vault
}

/** A state directory with sealed grants, and the keychain that has their key. */
async function sealedScene(t: Test, ...ids: string[]): Promise<Scene> {
  const scene = sceneIn(t)
  const vault = await opened(open(scene))
  for (const id of ids) await vault.add(sampleRecord({ id }, `token of ${id}`))
  await vault.close()
  scene.keychain.asked.length = 0
  return scene
}

function pinOf({ state }: Scene): string {
  return join(state, 'sealing-key.pin')
}

function recordsOf({ state }: Scene): Record<string, string> {
  const directory = recordDirectory(state)
  const names = readdirSync(directory)
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(join(directory, name), 'base64')]),
  )
}

t.test('the first key is made, kept and pinned before there is any record', async (t) => {
  const scene = sceneIn(t)
  t.match(await open(scene), { kind: 'open', vault: { kind: 'sealed' }, notice: undefined })
  t.same(scene.keychain.asked, ['make', 'keep'])
  t.ok(existsSync(pinOf(scene)))
  t.same(recordsOf(scene), {})
})

t.test('the next start finds the key and the grants, and asks for nothing else', async (t) => {
  const scene = await sealedScene(t, 'a')
  for (const wish of ['auto', 'keychain'] as const) {
    t.ok((await opened(open(scene, wish))).get('a'))
  }
  t.same(scene.keychain.asked, ['find', 'find'])
  t.same(scene.kernel.asked, [])
})

for (const kind of ['none', 'unavailable', 'silent'] as const)
  for (const [what, ids] of [
    ['sealed grants', ['a']],
    ['a pin and no grant yet', []],
  ] as const)
    t.test(`${what} and a keychain that is ${kind}: locked, and nothing changes`, async (t) => {
      const scene = await sealedScene(t, ...ids)
      const before = [recordsOf(scene), readFileSync(pinOf(scene), 'hex')]
      scene.keychain.refusal = refusal(kind)
      for (const wish of ['auto', 'keychain', 'kernel_keyring', 'memory'] as const)
        t.match(await open(scene, wish), {
          kind: 'locked',
          reason: `it is ${kind}`,
          hint: `mend ${kind}`,
        })
      t.same([...new Set(scene.keychain.asked)], ['find'], 'it never keeps another key')
      t.same(scene.kernel.asked, [], 'and nobody else is asked')
      t.same([recordsOf(scene), readFileSync(pinOf(scene), 'hex')], before)
      scene.keychain.refusal = undefined
      t.equal((await opened(open(scene))).list().length, ids.length, 'it opens with its keychain')
    })

t.test('what is pinned wins over what is configured, and the difference is told', async (t) => {
  const scene = await sealedScene(t, 'a')
  t.match(await open(scene, 'kernel_keyring'), {
    kind: 'open',
    notice: /stays with the OS keychain.*grantd vault rekey$/,
  })
  t.match(await open(scene, 'memory'), { kind: 'open', vault: { kind: 'sealed' }, notice: /stays/ })
})

t.test('one damaged file is enough never to make another key', async (t) => {
  const scene = sceneIn(t)
  mkdirSync(recordDirectory(scene.state), { recursive: true, mode: 0o700 })
  writeFileSync(join(recordDirectory(scene.state), 'a.grant'), 'garbage')
  for (const wish of ['auto', 'memory'] as const)
    t.match(await open(scene, wish), { kind: 'locked', needs: 'key', hint: /grantd vault init/ })
  t.same(scene.keychain.asked, [])
})

t.test('a damaged record stops no other', async (t) => {
  const scene = await sealedScene(t, 'a')
  writeFileSync(join(recordDirectory(scene.state), 'b.grant'), 'garbage')
  const vault = await opened(open(scene))
  t.ok(vault.get('a'))
  t.same(vault.broken, [{ file: 'b.grant', reason: 'not a sealed record' }])
})

t.test('records from before there were pins open, and are pinned then', async (t) => {
  const scene = await sealedScene(t, 'a', 'b')
  const pin = readFileSync(pinOf(scene))
  for (const left of [undefined, flipped(pin, 100)]) {
    if (left === undefined) rmSync(pinOf(scene))
    else writeFileSync(pinOf(scene), left)
    const vault = await opened(open(scene))
    t.equal(vault.list().length, 2)
    t.equal(readFileSync(pinOf(scene)).subarray(0, 24).compare(pin.subarray(0, 24)), 0)
  }
  rmSync(pinOf(scene))
  const world = new FakeWorld(scene.state, [scene.keychain, scene.kernel])
  const full = async (): Promise<never> => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC' })
  }
  const answer = await openVault(world.on({ writeFile: full }))
  t.match(answer, { kind: 'open' }, 'the records pin it as well')
})

t.test('a pin that was changed with its checksum is not believed', async (t) => {
  const scene = await sealedScene(t, 'a')
  const other = await anotherPin(scene)
  const parts = [readFileSync(pinOf(scene)), readFileSync(other)]
  // header of this key, the rest of another: what a forger without the key can do
  const sealed = Buffer.concat([
    parts[0]?.subarray(0, 24) ?? Buffer.alloc(0),
    parts[1]?.subarray(24, -8) ?? Buffer.alloc(0),
  ])
  const { checksumOf } = await import('../../../daemon/vault/sealing-key.ts')
  writeFileSync(pinOf(scene), Buffer.concat([sealed, checksumOf(sealed)]))
  t.match(await open(scene), { kind: 'locked', reason: /pin .* was changed by somebody/ })
})

async function anotherPin({ state }: Scene): Promise<string> {
  const keychain = new FakeKeeper('keychain')
  const other = { keychain, kernel: new FakeKeeper('kernel_keyring'), state: `${state}-other` }
  await (await opened(open(other))).close()
  return pinOf(other)
}

t.test('a copy with its key does not open on another machine, and says so', async (t) => {
  const scene = await sealedScene(t, 'a')
  const copy = { ...scene, state: `${scene.state}-copy` }
  cpSync(scene.state, copy.state, { recursive: true })
  const elsewhere = {
    kind: 'locked',
    needs: 'key',
    reason: 'the vault was sealed on another machine',
    hint: /grantd vault init --discard-sealed, and log in again$/,
  }
  t.match(await open(copy, 'auto', 'machine two'), elsewhere)
  rmSync(pinOf(copy))
  t.match(await open(copy, 'auto', 'machine two'), elsewhere, 'nor without its pin')
  t.ok((await opened(open(scene))).get('a'), 'it opens where it was sealed')
})

t.test('a record of another machine among ours is broken alone', async (t) => {
  const scene = await sealedScene(t, 'a')
  const other = { ...scene, state: `${scene.state}-other` }
  await (await opened(open(other, 'auto', 'machine two'))).add(sampleRecord({ id: 'b' }))
  cpSync(
    join(recordDirectory(other.state), 'b.grant'),
    join(recordDirectory(scene.state), 'b.grant'),
  )
  const vault = await opened(open(scene))
  t.ok(vault.get('a'))
  t.match(vault.broken, [{ file: 'b.grant' }])
})

t.test('memory by choice asks nobody and writes nothing', async (t) => {
  const scene = sceneIn(t)
  t.match(await open(scene, 'memory'), {
    kind: 'open',
    notice: 'grants are kept in memory and end with the daemon',
  })
  t.same([...scene.keychain.asked, ...scene.kernel.asked], [])
  t.same(readdirSync(t.testdirName), [])
})

t.test('a state directory that cannot be used is told, and keeps nobody from memory', async (t) => {
  const scene = await sealedScene(t, 'a')
  chmodSync(scene.state, 0o777)
  t.match(await open(scene), {
    kind: 'locked',
    reason: /^the state directory cannot be used: others/,
  })
  const nowhere = { ...scene, state: join(t.testdir({ file: '' }), 'file', 'state') }
  t.match(await open(nowhere), { kind: 'locked', reason: /ENOTDIR$/ })
  t.match(await open(nowhere, 'memory'), { kind: 'open' })
})

t.test('a full disk while a rekey is ended keeps the vault open, with both keys', async (t) => {
  const scene = await sealedScene(t, 'a', 'b')
  const world = new FakeWorld(scene.state, [scene.keychain, scene.kernel])
  const full = async (): Promise<never> => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC' })
  }
  const broken = world.on({ write: full })
  const { rekeyVault } = await import('../../../daemon/vault/rekey-vault.ts')
  const vault = await opened(openVault(broken))
  await t.rejects(rekeyVault(vault, broken, 'kernel_keyring'), { code: 'vault_locked' })
  const again = await openVault(broken)
  t.match(again, { kind: 'open', notice: /^a rekey is unfinished: the vault cannot be written/ })
  const half = await opened(Promise.resolve(again))
  t.equal(half.isRekeying, true)
  t.equal(half.open('b').refreshToken?.reveal(), 'token of b')
  t.equal((await opened(open(scene))).isRekeying, false, 'and it ends when there is room')
})

t.test('a file of a rekey that was changed by somebody opens nothing', async (t) => {
  const scene = await sealedScene(t, 'a')
  const world = new FakeWorld(scene.state, [scene.keychain, scene.kernel])
  const { rekeyVault } = await import('../../../daemon/vault/rekey-vault.ts')
  const { checksumOf } = await import('../../../daemon/vault/sealing-key.ts')
  const vault = await opened(openVault(world))
  const stuck = world.on({ removeFile: () => Promise.reject(new Error('no')) })
  await t.rejects(rekeyVault(vault, stuck, 'kernel_keyring'), { code: 'vault_locked' })
  const bytes = readFileSync(join(scene.state, 'rekey')).subarray(0, -8)
  const changed = flipped(bytes, (bytes.length - 1) * 8)
  writeFileSync(join(scene.state, 'rekey'), Buffer.concat([changed, checksumOf(changed)]))
  t.match(await open(scene), { kind: 'locked', reason: /unfinished rekey was changed by somebody/ })
})

t.test(
  'whatever bit of whatever record is turned over, it is refused and the others work',
  async (t) => {
    const scene = await sealedScene(t, 'a', 'b', 'c')
    const before = new Map(
      ['a', 'b', 'c'].map((id) => [
        id,
        readFileSync(join(recordDirectory(scene.state), `${id}.grant`)),
      ]),
    )
    const reasons = new Set<string>()
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('a', 'b', 'c'),
        fc.nat(),
        fc.boolean(),
        async (id, anywhere, hasPin) => {
          const bytes = before.get(id) ?? Buffer.alloc(0)
          const path = join(recordDirectory(scene.state), `${id}.grant`)
          // half of the flips hit the header, which is short and tells the most
          const bit = anywhere % ((anywhere % 2 === 0 ? 52 : bytes.length) * 8)
          writeFileSync(path, flipped(bytes, bit))
          if (!hasPin) rmSync(pinOf(scene), { force: true })
          const vault = await opened(open(scene))
          const [one, ...more] = vault.broken
          if (one?.file !== `${id}.grant` || more.length > 0) throw new Error(`bit ${bit} of ${id}`)
          reasons.add(one.reason)
          for (const other of ['a', 'b', 'c'].filter((each) => each !== id)) {
            const record = vault.open(other)
            if (record.refreshToken?.reveal() !== `token of ${other}`) throw new Error(`bit ${bit}`)
          }
          const [other = ''] = ['a', 'b', 'c'].filter((each) => each !== id)
          await vault.change(other, rotate)
          await vault.close()
          for (const [each, whole] of before)
            writeFileSync(join(recordDirectory(scene.state), `${each}.grant`), whole)
        },
      ),
      { numRuns: 300 },
    )
    for (const reason of reasons)
      t.match(reason, /^(damaged: |sealed |not a sealed record)/, 'each says why, clearly')
    t.ok(reasons.size >= 4)
  },
)
