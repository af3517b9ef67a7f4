import { createHmac, createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { LineMac } from '../../../daemon/audit/line-mac.ts'

t.test('it is the HMAC-SHA256 that everybody knows, its first half', async () => {
  const latin1 = fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    maxLength: 300,
  })
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 64 }),
      fc.array(latin1),
      (bytes, lines) => {
        const key = createSecretKey(bytes)
        const mac = new LineMac(key)
        return lines.every((line) => {
          const whole = createHmac('sha256', key).update(line, 'latin1').digest('hex')
          return mac.of(line) === whole.slice(0, 32)
        })
      },
    ),
  )
})

t.test('a line of any length has its own', async (t) => {
  const key = createSecretKey(Buffer.alloc(32, 7))
  const mac = new LineMac(key)
  for (const length of [20_001, 3, 19_999, 20_000, 100_000, 20_001]) {
    const line = 'x'.repeat(length)
    const whole = createHmac('sha256', key).update(line).digest('hex')
    t.equal(mac.of(line), whole.slice(0, 32), `${length}`)
  }
})

t.test('a wiped one knows no key any more', async (t) => {
  const mac = new LineMac(createSecretKey(Buffer.alloc(32, 7)))
  const other = new LineMac(createSecretKey(Buffer.alloc(32, 8)))
  t.not(mac.of('x'), other.of('x'))
  mac.wipe()
  other.wipe()
  t.equal(mac.of('x'), other.of('x'))
  t.throws(() => new LineMac(createSecretKey(Buffer.alloc(65, 7))), TypeError)
})
