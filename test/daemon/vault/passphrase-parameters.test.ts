import fc from 'fast-check'
import t from 'tap'
import {
  decodeParameters,
  encodeParameters,
  NEW_KEYS,
  SALT_BYTES,
} from '../../../daemon/vault/passphrase-parameters.ts'

const SALT = Buffer.alloc(SALT_BYTES, 7)
const OURS = encodeParameters({ ...NEW_KEYS, salt: SALT })

t.test('what is written for a new key is read again', async (t) => {
  t.same(decodeParameters(OURS), { logN: 17, r: 8, p: 1, salt: SALT })
})

t.test('no header makes us spend more than 256 MiB, or less than 32', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 24 }), (bytes) => {
      const read = decodeParameters(Buffer.from(bytes))
      if (read === undefined) return
      const memory = 128 * 2 ** read.logN * read.r
      t.ok(memory <= 2 ** 28 && memory >= 2 ** 25 && read.p === 1)
    }),
    { examples: [[Uint8Array.from(OURS)]] },
  )
})

const refused: Record<string, Buffer> = {
  nothing: Buffer.alloc(0),
  'half of it': OURS.subarray(0, 10),
  'a byte too much': Buffer.concat([OURS, Buffer.alloc(1)]),
  'another version': Buffer.concat([Buffer.from([2, 17, 8, 1]), SALT]),
  'a cost of a gigabyte': Buffer.concat([Buffer.from([1, 20, 8, 1]), SALT]),
  'no cost at all': Buffer.concat([Buffer.from([1, 1, 8, 1]), SALT]),
  'wide blocks': Buffer.concat([Buffer.from([1, 17, 255, 1]), SALT]),
  'many passes': Buffer.concat([Buffer.from([1, 17, 8, 255]), SALT]),
}
for (const [name, bytes] of Object.entries(refused))
  t.test(`${name} is refused`, async (t) => {
    t.equal(decodeParameters(bytes), undefined)
  })
