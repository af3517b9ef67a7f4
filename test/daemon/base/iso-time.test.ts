import fc from 'fast-check'
import t from 'tap'
import { isoTime } from '../../../daemon/base/iso-time.ts'

t.test('it says what a date says', async () => {
  const near = fc.integer({ min: -2_000, max: 2_000 })
  const any = fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 })
  fc.assert(
    fc.property(fc.array(fc.oneof(near, any), { minLength: 1 }), (times) =>
      times.every((at) => isoTime(at) === new Date(at).toISOString()),
    ),
  )
})

t.test('what is no time has no text, and the next one has', async (t) => {
  t.equal(isoTime(1_007), '1970-01-01T00:00:01.007Z')
  t.throws(() => isoTime(Number.NaN), RangeError)
  t.throws(() => isoTime(8_640_000_000_001_000), RangeError)
  t.equal(isoTime(1_077), '1970-01-01T00:00:01.077Z')
})
