import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { VaultUnusableError } from '../../../daemon/vault/vault-unusable-error.ts'
import { deferred } from '../../fakes/deferred.ts'
import { LOCKED, openDoor, Scene, secret } from './door-scene.ts'
import { refusal } from './fake-keepers.ts'
import { sampleRecord } from './sample-records.ts'

t.test('a passphrase that nobody asked for is refused', async (t) => {
  const s = await openDoor(t)
  await s.open.lock('person')
  await t.rejects(s.open.unlock(secret('x')), { code: 'invalid_request' })
  const init = { discardSealed: true, passphrase: secret('x') }
  await t.rejects(s.open.init({ ...init, provider: 'keychain' }), { code: 'invalid_request' })
  const empty = { discardSealed: true, passphrase: secret('') }
  await t.rejects(s.open.init({ ...empty, provider: 'passphrase' }), { message: /^an empty/ })
  await t.rejects(s.open.init({ provider: 'passphrase', discardSealed: true }), {
    message: /needs the passphrase$/,
  })
  await s.open.unlock(undefined)
  await t.rejects(s.open.rekey({ provider: undefined, passphrase: secret('x') }), {
    code: 'invalid_request',
  })
  t.ok(s.open.current().get('a'), 'and nothing was given up')
})

t.test('a passphrase vault is made by asking for it only', async (t) => {
  const s = new Scene(t)
  s.wish = () => 'passphrase'
  const door = s.door()
  await door.attempt()
  t.match(door.facts(), { state: 'locked', needs: 'init', hint: 'grantd vault init', records: 0 })
  await t.rejects(door.init({ provider: undefined, discardSealed: false }), {
    code: 'invalid_request',
  })
  await door.init({ provider: undefined, passphrase: secret('right'), discardSealed: false })
  t.match(door.facts(), { state: 'open', provider: 'passphrase' })
})

t.test('init gives up what is sealed only when told so, and unlocks', async (t) => {
  const s = await openDoor(t)
  const how = { provider: 'kernel_keyring', discardSealed: false } as const
  await t.rejects(s.open.init(how), { code: 'invalid_request', message: /1 grant sealed under it/ })
  t.ok(s.open.current().get('a'))
  const vault = s.open.current()
  await s.open.lock('person')
  await s.open.init({ ...how, discardSealed: true })
  t.throws(() => vault.open('a'), LOCKED)
  t.match(s.open.facts(), { state: 'open', provider: 'kernel_keyring', records: 0 })
  t.notOk(s.hasMark())
  t.equal(s.keychain.keys.size, 0)
  await s.open.current().add(sampleRecord({ id: 'b' }))
  s.keychain.refusal = refusal('silent')
  await t.rejects(s.open.init({ provider: 'keychain', discardSealed: true }), {
    ...LOCKED,
    message: 'nothing was discarded: it is silent',
  })
  t.match(s.open.facts(), { state: 'locked', lockedBy: 'keeper' })
  await s.open.attempt()
  t.match(s.open.facts(), { state: 'open', provider: 'kernel_keyring', records: 1 })
})

t.test('grants in memory are not given up unasked', async (t) => {
  const s = new Scene(t)
  s.wish = () => 'memory'
  const door = s.door()
  await door.attempt()
  await door.current().add(sampleRecord({ id: 'a' }))
  const how = { provider: 'keychain', discardSealed: false } as const
  await t.rejects(door.init(how), { code: 'invalid_request' })
  await door.init({ ...how, discardSealed: true })
  t.match(door.state(), { kind: 'sealed' })
})

t.test('rekey moves the key while the vault is used', async (t) => {
  const s = await openDoor(t)
  const vault = s.open.current()
  const before = s.open.facts().keyId
  t.same(await s.open.rekey({ provider: undefined }), { records: 1 })
  t.not(s.open.facts().keyId, before)
  t.equal(s.open.current(), vault, 'nobody notices')
  const how = { provider: 'passphrase', passphrase: secret('right') } as const
  await s.open.rekey(how)
  t.match(s.open.facts(), { provider: 'passphrase', isRekeying: false, records: 1 })
  t.equal(s.keychain.keys.size, 0)
  await s.open.close()
  const door = s.door()
  await door.attempt()
  await door.unlock(secret('right'))
  t.equal(door.current().open('a').refreshToken?.reveal(), 'token of a')
})

t.test(
  'a rekey that is stuck shows, goes on when asked again, and tells what it left',
  async (t) => {
    const s = await openDoor(t)
    s.failing('write')
    await t.rejects(s.open.rekey({ provider: 'kernel_keyring' }), LOCKED)
    t.equal(s.open.facts().isRekeying, true)
    await s.open.lock('person').catch(() => undefined)
    s.mended()
    s.keychain.forget = async () => false
    t.same(await s.open.rekey({ provider: 'kernel_keyring' }), { records: 1 })
    t.match(s.open.state().detail, /kernel's keyring; the key before could not be removed/)
    t.equal(s.open.facts().isRekeying, false)
  },
)

t.test('a rekey of what is not open, or into memory, is refused', async (t) => {
  const s = await openDoor(t)
  await t.rejects(s.open.rekey({ provider: 'memory' }), { code: 'invalid_request' })
  s.kernel.refusal = refusal('unavailable')
  await t.rejects(s.open.rekey({ provider: 'kernel_keyring' }), { message: 'it is unavailable' })
  s.identity = async () => {
    throw new VaultUnusableError('no id', 'restore it')
  }
  await t.rejects(s.open.rekey({ provider: undefined }), { ...LOCKED, message: 'no id' })
  await s.open.lock('person')
  await t.rejects(s.open.rekey({ provider: undefined }), {
    ...LOCKED,
    message: 'you locked the vault',
  })
})

t.test('neither a lock nor the end waits for a keeper that hangs', async (t) => {
  for (const how of ['lock', 'close'] as const) {
    const s = await openDoor(t)
    const asked = deferred()
    s.keychain.keep = async () => {
      const { signal } = s.askings.at(-1) ?? {}
      asked.resolve()
      await new Promise((resolve) => signal?.addEventListener('abort', resolve))
      return refusal('silent')
    }
    const rekeying = s.open.rekey({ provider: undefined })
    await asked.promise
    const ending = how === 'lock' ? s.open.lock('person') : s.open.close()
    await Promise.all([ending, t.rejects(rekeying, { ...LOCKED, message: 'it is silent' })])
    await s.open.close()
    const door = s.door()
    await door.unlock(undefined)
    t.equal(door.current().open('a').refreshToken?.reveal(), 'token of a', 'under the old key')
    await door.close()
  }
})

t.test('a lock ends only what waited before it', async (t) => {
  const s = await openDoor(t)
  await s.open.lock('person')
  await s.open.unlock(undefined)
  t.equal(s.askings.at(-1)?.signal.aborted, false)
})

t.test('what would be lost is counted with what cannot be opened', async (t) => {
  const s = await openDoor(t)
  await s.open.close()
  writeFileSync(join(s.state, 'grants', 'b.grant'), 'garbage')
  const door = s.door()
  await door.attempt()
  const how = { provider: undefined, discardSealed: false } as const
  await t.rejects(door.init(how), { message: /2 grants sealed under it/ })
})
