import { scryptSync } from 'node:crypto'
import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { passphraseKeeper } from '../../../daemon/vault/passphrase-keeper.ts'
import { decodeParameters, encodeParameters } from '../../../daemon/vault/passphrase-parameters.ts'
import { sealingKeyId } from '../../../daemon/vault/sealing-key.ts'

/** The least a header may ask for. */
const CHEAP = { logN: 15, r: 8, p: 1 }

t.test('a key is derived again from the passphrase and what stands in the header', async (t) => {
  const keeper = passphraseKeeper(Secret.fromText('correct horse'), CHEAP)
  const made = await keeper.make(undefined)
  if (made.kind !== 'made') throw new Error(made.reason)
  const keyId = sealingKeyId(made.bytes)
  const name = { keyId, parameters: made.parameters }
  t.same(await keeper.keep(keyId, made.bytes), { kind: 'kept' })
  t.same(await keeper.find(name), { kind: 'found', bytes: made.bytes })
  t.equal(await keeper.forget(keyId), true)
  const again = await keeper.make(undefined)
  t.notSame(again, made, 'another salt each time')
  t.match(await passphraseKeeper(Secret.fromText('correct horse '), CHEAP).find(name), {
    kind: 'wrong',
    hint: /grantd unlock/,
  })
})

t.test('it is scrypt, with the cost that new keys have, over the bytes as given', async (t) => {
  const text = 'pa\u0308ssword'
  const made = await passphraseKeeper(Secret.fromText(text)).make(undefined)
  if (made.kind !== 'made') throw new Error(made.reason)
  const parameters = decodeParameters(made.parameters)
  t.match(parameters, { logN: 17, r: 8, p: 1 })
  const options = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 }
  t.same(made.bytes, scryptSync(Buffer.from(text), parameters?.salt ?? '', 32, options))
})

t.test('without a passphrase it asks, and derives nothing', async (t) => {
  const keeper = passphraseKeeper(undefined)
  t.match(await keeper.make(undefined), { kind: 'asks' })
  const name = { keyId: Buffer.alloc(8), parameters: Buffer.alloc(0) }
  t.match(await keeper.find(name), { kind: 'asks', hint: /grantd unlock/ })
})

t.test('a header that asks for too much is not obeyed', async (t) => {
  const parameters = encodeParameters({ logN: 30, r: 8, p: 1, salt: Buffer.alloc(16) })
  const keeper = passphraseKeeper(Secret.fromText('x'))
  t.match(await keeper.find({ keyId: Buffer.alloc(8), parameters }), {
    kind: 'none',
    reason: /more than a passphrase may cost/,
  })
})
