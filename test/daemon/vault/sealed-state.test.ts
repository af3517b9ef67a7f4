import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { encodePin } from '../../../daemon/vault/pin.ts'
import { encodeRekeyFile } from '../../../daemon/vault/rekey-file.ts'
import { seal } from '../../../daemon/vault/seal.ts'
import { isAnythingSealed, nameOfKey, readSealedFiles } from '../../../daemon/vault/sealed-state.ts'
import { SealingKey } from '../../../daemon/vault/sealing-key.ts'
import { vaultFiles } from '../../../daemon/vault/vault-files.ts'

const KEY = new SealingKey('keychain', Buffer.alloc(32, 1), 'machine one')
const NEXT = new SealingKey('passphrase', Buffer.alloc(32, 2), 'machine one')
const RECORD = seal(KEY, 'a', Buffer.from('x'))

async function sealedIn(t: Test, files: Readonly<Record<string, Buffer>>) {
  const state = t.testdir({ grants: {} })
  chmodSync(state, 0o700)
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(state, name), bytes)
  return await readSealedFiles(vaultFiles(state))
}

t.test('nothing is nothing', async (t) => {
  const sealed = await sealedIn(t, {})
  t.match(sealed, { count: 0, headers: [], pin: undefined, rekey: undefined, pinBytes: undefined })
  t.equal(isAnythingSealed(sealed), false)
  t.equal(nameOfKey(sealed), undefined)
})

t.test('records count, readable or not, and say whose they are when they can', async (t) => {
  const sealed = await sealedIn(t, { 'grants/a.grant': RECORD, 'grants/b.grant': Buffer.from('?') })
  t.match(sealed, { count: 2, headers: [{ provider: 'keychain', keyId: KEY.id }] })
  t.equal(sealed.headers.length, 1)
  t.equal(isAnythingSealed(sealed), true)
  t.same(nameOfKey(sealed)?.keyId, KEY.id)
})

t.test('a pin counts without any record, damaged or not', async (t) => {
  const whole = await sealedIn(t, { 'sealing-key.pin': encodePin(NEXT) })
  t.match(whole, { count: 0, pin: { provider: 'passphrase' } })
  t.equal(isAnythingSealed(whole), true)
  t.same(nameOfKey(whole)?.keyId, NEXT.id)
  const damaged = await sealedIn(t, { 'sealing-key.pin': Buffer.from('?') })
  t.equal(damaged.pin, 'damaged')
  t.equal(isAnythingSealed(damaged), true)
  t.equal(nameOfKey(damaged), undefined)
})

t.test('an unfinished rekey names the key that comes', async (t) => {
  const sealed = await sealedIn(t, {
    'sealing-key.pin': encodePin(KEY),
    rekey: encodeRekeyFile(KEY, NEXT),
  })
  t.same(nameOfKey(sealed)?.keyId, NEXT.id)
  const damaged = await sealedIn(t, { rekey: Buffer.from('?') })
  t.equal(damaged.rekey, 'damaged')
  t.equal(isAnythingSealed(damaged), true)
})
