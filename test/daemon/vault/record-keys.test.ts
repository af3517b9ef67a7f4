import t from 'tap'
import { BrokenRecordError } from '../../../daemon/vault/broken-record-error.ts'
import { isPinOf } from '../../../daemon/vault/pin.ts'
import { RecordKeys } from '../../../daemon/vault/record-keys.ts'
import { readRekeyFile } from '../../../daemon/vault/rekey-file.ts'
import { headerOf } from '../../../daemon/vault/seal.ts'
import { type Provider, SealingKey } from '../../../daemon/vault/sealing-key.ts'

function key(provider: Provider, fill: number): SealingKey {
  return new SealingKey(provider, Buffer.alloc(32, fill), 'machine one')
}

const CLEAR = Buffer.from('clear text')

t.test('while a rekey is unfinished each record is opened with its own key', async (t) => {
  const keys = new RecordKeys(key('keychain', 1), undefined)
  const early = keys.seal('a', CLEAR)
  t.notOk(keys.isUnderFormer('a', early))
  t.equal(keys.former, undefined)
  keys.begin(key('passphrase', 2))
  const late = keys.seal('b', CLEAR)
  t.same(keys.former, headerOf(key('keychain', 1)))
  t.equal(keys.provider, 'passphrase')
  t.equal(keys.keyId, key('passphrase', 2).id.toString('hex'))
  t.ok(keys.isUnderFormer('a', early))
  t.notOk(keys.isUnderFormer('b', late))
  t.same(keys.unseal('a', early), CLEAR)
  t.same(keys.unseal('b', late), CLEAR)
  keys.end()
  t.equal(keys.former, undefined)
  t.throws(() => keys.unseal('a', early), BrokenRecordError)
  t.same(keys.unseal('b', late), CLEAR)
})

t.test('one rekey at a time, or the first of three keys would be lost', async (t) => {
  const first = key('keychain', 1)
  const keys = new RecordKeys(first, undefined)
  keys.begin(key('passphrase', 2))
  t.throws(() => keys.begin(key('memory', 3)), TypeError)
  t.same(keys.former, headerOf(first))
  t.equal(keys.provider, 'passphrase')
})

t.test(
  'the key that is written with is the one that is pinned and that opens the next',
  async (t) => {
    const keys = new RecordKeys(key('passphrase', 2), key('keychain', 1))
    t.ok(isPinOf(key('passphrase', 2), keys.pin()))
    t.notOk(isPinOf(key('keychain', 1), keys.pin()))
    const file = readRekeyFile(keys.rekeyFile(key('keychain', 3)))
    if (file === 'damaged') throw new TypeError('it was just written')
    t.same(file.from, headerOf(key('passphrase', 2)))
    t.same(file.to, headerOf(key('keychain', 3)))
  },
)

t.test('a wipe wipes both keys, the end of a rekey the one before', async (t) => {
  const isWiped = (each: SealingKey): boolean =>
    each.lend((bytes) => bytes.every((byte) => byte === 0))
  const [now, before] = [key('passphrase', 2), key('keychain', 1)]
  const keys = new RecordKeys(now, before)
  keys.end()
  t.same([now, before].map(isWiped), [false, true])
  const [next, last] = [key('passphrase', 2), key('keychain', 1)]
  new RecordKeys(next, last).wipe()
  t.same([next, last].map(isWiped), [true, true])
})
