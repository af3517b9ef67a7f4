import { hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { deriveKey } from '../../../daemon/vault/derive-key.ts'

t.test('it is HKDF as everybody computes it, and leaves the key as it was', async () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.string(),
      fc.string(),
      (key, salt, info) => {
        const before = Buffer.from(key)
        const derived = deriveKey(key, salt, info)
        return (
          derived.equals(Buffer.from(hkdfSync('sha256', key, salt, info, 32))) && before.equals(key)
        )
      },
    ),
  )
})
