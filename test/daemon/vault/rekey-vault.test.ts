import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { DurableProvider } from '../../../daemon/vault/keeper.ts'
import { openVault } from '../../../daemon/vault/open-vault.ts'
import { rekeyVault } from '../../../daemon/vault/rekey-vault.ts'
import type { SealedRecords } from '../../../daemon/vault/sealed-records.ts'
import { recordDirectory } from '../../../daemon/vault/state-directory.ts'
import { rotate } from './conformance.ts'
import { Crash, FakeKeeper, FakeWorld, type Fault, Faults, refusal } from './fake-keepers.ts'
import { flipped, sampleRecord } from './sample-records.ts'

const IDS = ['a', 'b', 'c']

/** Where the key is now, and where it shall go. */
interface Move {
  readonly from: DurableProvider
  readonly to: DurableProvider
}

/** A state directory with three grants, and the keepers of its world. */
interface Scene {
  readonly state: string
  readonly keepers: readonly FakeKeeper[]
}

function worldOf({ state, keepers }: Scene, wish: DurableProvider): FakeWorld {
  return new FakeWorld(state, keepers, wish)
}

async function opened(opening: ReturnType<typeof openVault>): Promise<SealedRecords> {
  const answer = await opening
  if (answer.kind === 'locked') throw new Error(answer.reason)
  return answer.vault
}

let scenes = 0

async function scene(t: Test, { from, to }: Move): Promise<Scene> {
  scenes += 1
  const state = join(t.testdir(), `state-${scenes}`)
  const providers = from === to ? [from] : [from, to]
  const made = { state, keepers: providers.map((provider) => new FakeKeeper(provider)) }
  const vault = await opened(openVault(worldOf(made, from)))
  for (const id of IDS) await vault.add(sampleRecord({ id }, `token of ${id}`))
  await vault.close()
  return made
}

/** The same files and keys, to be used up by one trial; keepers that are not named are gone. */
function copyOf({ state, keepers }: Scene, here: readonly DurableProvider[]): Scene {
  scenes += 1
  const copy = `${state}-copy-${scenes}`
  cpSync(state, copy, { recursive: true })
  const copies = keepers.map(({ provider, keys }) => new FakeKeeper(provider, keys))
  for (const keeper of copies)
    if (!here.includes(keeper.provider)) keeper.refusal = refusal('unavailable')
  return { state: copy, keepers: copies }
}

function keyIdsOf({ keepers }: Scene, provider: DurableProvider): readonly string[] {
  return [...(keepers.find((keeper) => keeper.provider === provider)?.keys.keys() ?? [])]
}

function hasRekeyFile({ state }: Scene): boolean {
  return existsSync(join(state, 'rekey'))
}

/** Every grant is there with its token, twice: as it was found, and after what opening mended. */
async function opensWhole(t: Test, at: Scene, wish: DurableProvider, told: number): Promise<void> {
  for (const time of ['first', 'second']) {
    const vault = await opened(openVault(worldOf(at, wish)))
    t.same(vault.broken, [], `${time} opening`)
    t.same(
      vault.list().map(({ id }) => id),
      IDS,
    )
    t.equal(vault.isRekeying, false)
    t.equal(vault.open('a').refreshToken?.reveal(), 'token of a')
    const generation = vault.get('b')?.generation ?? 0
    t.ok(generation >= told, `what was told to be durable is there: ${told}, ${generation}`)
    t.match(vault.open('b').refreshToken?.reveal(), generation > 1 ? /^token/ : 'token of b')
    await vault.close()
  }
  t.notOk(hasRekeyFile(at))
  t.same(readdirSync(at.state).sort(), ['grants', 'sealing-key.pin'], 'and nothing else stays')
}

/** Runs one rekey, with a change to a grant beside it, that breaks at one call. */
async function broken(
  at: Scene,
  { from, to }: Move,
  faults: Faults,
): Promise<{ readonly told: number; readonly vault: SealedRecords; readonly isDone: boolean }> {
  const world = faults.world(worldOf(at, from))
  const vault = await opened(openVault(world))
  faults.arm()
  const rekeying = rekeyVault(vault, world, to).then(
    () => true,
    () => false,
  )
  const changing = vault.change('b', rotate).then(
    ({ generation }) => generation,
    () => 1,
  )
  const [isDone, told] = await Promise.all([rekeying, changing])
  return { told, vault, isDone }
}

const MOVES: readonly Move[] = [
  { from: 'keychain', to: 'credential_file' },
  { from: 'kernel_keyring', to: 'kernel_keyring' },
]
const FAULTS: readonly Fault[] = ['fails', 'crashes before', 'crashes after']

for (const move of MOVES)
  for (const fault of FAULTS)
    t.test(
      `${move.from} to ${move.to}: whatever call ${fault}, every key opens everything`,
      async (t) => {
        for (let n = 1; ; n++) {
          const at = await scene(t, move)
          const [old = ''] = keyIdsOf(at, move.from)
          const faults = new Faults(fault, n)
          const { told, isDone } = await broken(at, move, faults)
          if (faults.count < n) {
            t.ok(n > 10, `${n - 1} calls were broken, one after the other`)
            break
          }
          const name = `call ${n}, ${faults.names[n - 1] ?? ''}`
          const both = [move.from, move.to]
          await t.test(`${name}: both keepers`, (t) =>
            opensWhole(t, copyOf(at, both), move.from, told),
          )
          if (move.from === move.to) continue
          const hasOld = keyIdsOf(at, move.from).includes(old)
          const hasNew = keyIdsOf(at, move.to).length > 0
          t.ok(hasOld || hasNew)
          if (hasOld && (hasRekeyFile(at) || !hasNew))
            await t.test(`${name}: the old one only`, (t) =>
              opensWhole(t, copyOf(at, [move.from]), move.from, told),
            )
          if (hasNew && (hasRekeyFile(at) || isDone || !hasOld))
            await t.test(`${name}: the new one only`, (t) =>
              opensWhole(t, copyOf(at, [move.to]), move.from, told),
            )
          const isRefused = fault === 'fails' && faults.names[n - 1] === 'forget'
          t.ok(hasRekeyFile(at) || hasOld !== hasNew || isRefused, 'two keys only with their file')
        }
      },
    )

t.test('what opening mends can crash at every call, too', async (t) => {
  const move: Move = { from: 'keychain', to: 'credential_file' }
  let mended = 0
  for (let n = 1; ; n += 2) {
    const at = await scene(t, move)
    const faults = new Faults('crashes after', n)
    const { told } = await broken(at, move, faults)
    if (faults.count < n) break
    if (!hasRekeyFile(at)) continue
    for (let m = 1; ; m++) {
      const again = copyOf(at, ['keychain', 'credential_file'])
      const more = new Faults('crashes after', m)
      more.arm()
      await openVault(more.world(worldOf(again, 'keychain'))).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error
      })
      await opensWhole(t, again, 'keychain', told)
      if (more.count < m) break
      mended += 1
    }
  }
  t.ok(mended > 20, `${mended} crashes of crashes`)
})

t.test('a rekey that a full disk stopped goes on in the same daemon', async (t) => {
  const move: Move = { from: 'keychain', to: 'credential_file' }
  for (let n = 1; ; n++) {
    const at = await scene(t, move)
    const faults = new Faults('fails', n)
    const { vault, isDone, told } = await broken(at, move, faults)
    if (faults.count < n) break
    for (const id of IDS) t.match(vault.open(id).refreshToken?.reveal(), /^token/, 'all are open')
    if (!isDone) {
      await rekeyVault(vault, worldOf(at, 'keychain'), 'credential_file')
      t.equal(vault.provider, 'credential_file')
    }
    t.equal(vault.isRekeying, false)
    await vault.flush()
    await vault.close()
    const elsewhere = copyOf(at, ['credential_file'])
    if (keyIdsOf(at, 'keychain').length === 0) await opensWhole(t, elsewhere, 'keychain', told)
  }
})

t.test('a rekey moves everything, and the old key is forgotten', async (t) => {
  const move: Move = { from: 'keychain', to: 'credential_file' }
  const at = await scene(t, move)
  const before = readFileSync(join(recordDirectory(at.state), 'a.grant'))
  const vault = await opened(openVault(worldOf(at, 'keychain')))
  t.equal(await rekeyVault(vault, worldOf(at, 'keychain'), 'credential_file'), undefined)
  t.same(keyIdsOf(at, 'keychain'), [])
  t.same(keyIdsOf(at, 'credential_file'), [vault.keyId])
  t.notSame(readFileSync(join(recordDirectory(at.state), 'a.grant')), before)
  t.equal((await vault.change('b', rotate)).generation, 2)
  await vault.close()
  await opensWhole(t, copyOf(at, ['credential_file']), 'keychain', 1)
  t.match(await openVault(worldOf(copyOf(at, ['credential_file']), 'keychain')), {
    notice:
      /stays with a service credential, whatever the configuration says; .*grantd vault rekey$/,
  })
})

t.test('an old key that its keeper does not give up is told', async (t) => {
  const at = await scene(t, { from: 'keychain', to: 'credential_file' })
  const vault = await opened(openVault(worldOf(at, 'keychain')))
  const [old] = at.keepers
  if (old !== undefined) old.forget = async () => false
  t.equal(
    await rekeyVault(vault, worldOf(at, 'keychain'), 'credential_file'),
    'the key before could not be removed from the OS keychain',
  )
  t.equal(vault.isRekeying, false)
})

t.test('a keeper that refuses the new key leaves everything as it was', async (t) => {
  const at = await scene(t, { from: 'keychain', to: 'credential_file' })
  const vault = await opened(openVault(worldOf(at, 'keychain')))
  const keeper = at.keepers.find(({ provider }) => provider === 'credential_file')
  for (const how of ['refusal', 'keepRefusal'] as const) {
    if (keeper !== undefined) keeper[how] = refusal('silent')
    await t.rejects(rekeyVault(vault, worldOf(at, 'keychain'), 'credential_file'), {
      code: 'vault_locked',
      message: 'it is silent',
      hint: 'mend silent',
    })
    if (keyIdsOf(at, 'credential_file').length > 0) t.fail('the new key is not kept')
    t.notOk(hasRekeyFile(at))
    t.equal(vault.isRekeying, false)
    if (keeper !== undefined) keeper[how] = undefined
  }
})

t.test('a record that was damaged before is left as it is, and in nobody’s way', async (t) => {
  const at = await scene(t, { from: 'keychain', to: 'credential_file' })
  const path = join(recordDirectory(at.state), 'c.grant')
  const damaged = flipped(readFileSync(path), 800)
  writeFileSync(path, damaged)
  const vault = await opened(openVault(worldOf(at, 'keychain')))
  await rekeyVault(vault, worldOf(at, 'keychain'), 'credential_file')
  t.same(readFileSync(path), damaged)
  t.equal(vault.list().length, 2)
})

t.test('a record that nobody could read is not left behind under a key that goes', async (t) => {
  const at = await scene(t, { from: 'keychain', to: 'credential_file' })
  const vault = await opened(openVault(worldOf(at, 'keychain')))
  const unread = new Proxy(vault, {
    get: (from, name) =>
      name === 'broken'
        ? [{ file: 'x.grant', reason: 'cannot be read: EIO', isUnread: true }]
        : (Reflect.get(from, name, from) as unknown),
  })
  await t.rejects(rekeyVault(unread, worldOf(at, 'keychain'), 'credential_file'), {
    code: 'vault_locked',
    message: 'record "x.grant" cannot be read: EIO',
  })
  t.notOk(hasRekeyFile(at))
})

t.test('a damaged file of an earlier rekey is not overwritten', async (t) => {
  const at = await scene(t, { from: 'keychain', to: 'credential_file' })
  writeFileSync(join(at.state, 'rekey'), 'garbage')
  const answer = await openVault(worldOf(at, 'keychain'))
  t.match(answer, { kind: 'open', notice: 'the file of an unfinished rekey is damaged' })
  const vault = await opened(Promise.resolve(answer))
  await t.rejects(rekeyVault(vault, worldOf(at, 'keychain'), 'credential_file'), {
    message: /"rekey" of an earlier rekey is damaged/,
  })
  t.equal(readFileSync(join(at.state, 'rekey'), 'utf8'), 'garbage')
})

/** A vault whose rekey has stopped before the pin: either key opens everything. */
async function stopped(at: Scene, { from, to }: Move): Promise<SealedRecords> {
  const world = worldOf(at, from)
  const vault = await opened(openVault(world))
  const full = world.on({ writeFile: (file, bytes) => writeUnless('pin', world, file, bytes) })
  await t.rejects(rekeyVault(vault, full, to), { code: 'vault_locked' })
  return vault
}

async function writeUnless(
  refused: string,
  { files }: FakeWorld,
  ...[file, bytes]: Parameters<FakeWorld['files']['writeFile']>
): Promise<void> {
  if (file === refused) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
  await files.writeFile(file, bytes)
}

t.test('a second rekey with a passphrase is about that one, not the first', async (t) => {
  const move: Move = { from: 'keychain', to: 'passphrase' }
  const at = await scene(t, move)
  const vault = await stopped(at, move)
  const first = vault.keyId
  t.equal(vault.isRekeying, true)
  await rekeyVault(vault, worldOf(at, 'keychain'), 'passphrase')
  t.not(vault.keyId, first)
  t.same(keyIdsOf(at, 'passphrase'), [vault.keyId], 'nothing else opens it')
  t.same(keyIdsOf(at, 'keychain'), [])
  await vault.close()
  await opensWhole(t, at, 'passphrase', 1)
})

t.test('a rekey that went back to the old key is not told as done', async (t) => {
  const move: Move = { from: 'keychain', to: 'keychain' }
  const at = await scene(t, move)
  const [old] = keyIdsOf(at, 'keychain')
  await (await stopped(at, move)).close()
  const [keeper] = at.keepers
  for (const id of keyIdsOf(at, 'keychain')) if (id !== old) keeper?.keys.delete(id)
  const world = worldOf(at, 'keychain')
  const full = world.on({ writeFile: (file, bytes) => writeUnless('pin', world, file, bytes) })
  const vault = await opened(openVault(full))
  t.equal(vault.keyId, old)
  t.equal(vault.isRekeying, true)
  await rekeyVault(vault, world, 'keychain')
  t.not(vault.keyId, old)
  t.same(keyIdsOf(at, 'keychain'), [vault.keyId])
  await vault.close()
  await opensWhole(t, at, 'keychain', 1)
})

t.test('a record that came while the vault was open is not left behind', async (t) => {
  const move: Move = { from: 'keychain', to: 'credential_file' }
  const at = await scene(t, move)
  const path = join(recordDirectory(at.state), 'c.grant')
  const bytes = readFileSync(path)
  rmSync(path)
  const vault = await opened(openVault(worldOf(at, 'keychain')))
  t.equal(vault.list().length, 2)
  writeFileSync(path, bytes)
  const rekey = () => rekeyVault(vault, worldOf(at, 'keychain'), 'credential_file')
  await t.rejects(rekey(), {
    code: 'vault_locked',
    message: 'record "c.grant" came from elsewhere while grantd ran',
    hint: /^start grantd again/,
  })
  t.equal(keyIdsOf(at, 'keychain').length, 1, 'its key is kept')
  await t.test('and is there after a start', (t) =>
    opensWhole(t, copyOf(at, ['keychain', 'credential_file']), 'keychain', 1),
  )
  rmSync(path)
  await rekey()
  t.same(keyIdsOf(at, 'keychain'), [])
})
