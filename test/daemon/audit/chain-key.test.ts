import t from 'tap'
import { BEGINNING } from '../../../daemon/audit/chain.ts'
import {
  isSealOf,
  newChainKey,
  restoredKey,
  signSeal,
  storedKey,
} from '../../../daemon/audit/chain-key.ts'

t.test('a seal is of its key, its line and the next key', async (t) => {
  const key = newChainKey()
  const next = newChainKey().publicKey
  const signature = signSeal(key, BEGINNING, next)
  t.ok(isSealOf(key.publicKey, BEGINNING, next, signature))
  t.notOk(isSealOf(next, BEGINNING, next, signature))
  t.notOk(isSealOf(key.publicKey, { ...BEGINNING, seq: 1 }, next, signature))
  t.notOk(isSealOf(key.publicKey, BEGINNING, key.publicKey, signature))
  t.notOk(isSealOf('no key', BEGINNING, next, signature))
})

t.test('a key that was stored is the same key', async (t) => {
  const key = newChainKey()
  const again = restoredKey(JSON.parse(JSON.stringify(storedKey(key))))
  t.equal(again.publicKey, key.publicKey)
  t.ok(again.mac.equals(key.mac))
  t.ok(isSealOf(key.publicKey, BEGINNING, 'x', signSeal(again, BEGINNING, 'x')))
  t.throws(() => restoredKey({ ...storedKey(key), mac: 'short' }), TypeError)
  t.throws(() => restoredKey({ ...storedKey(key), signing: 'none' }))
})
