import t from 'tap'
import { exactly } from '../../../daemon/refresh/pauses.ts'

t.test('an issuer is waited for as long as it said, and never longer than an hour', async (t) => {
  for (const [asked, seconds] of [
    [0, 0],
    [7, 7],
    [3_600, 3_600],
    [7_776_000, 3_600],
    [Number.MAX_SAFE_INTEGER, 3_600],
  ] as const)
    t.same(exactly(asked), { firstSeconds: seconds, mostSeconds: seconds, jitter: 0 })
})
