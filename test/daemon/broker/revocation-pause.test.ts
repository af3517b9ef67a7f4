import t from 'tap'
import { isPausing, nextAttemptAt } from '../../../daemon/broker/revocation-pause.ts'

const MINUTE = 60_000

t.test('pauses grow from a minute to an hour', async (t) => {
  const minutes = [1, 2, 3, 4, 5, 6, 7, 8, 1_000_000].map(
    (attempts) => nextAttemptAt(0, attempts, 0, 0) / MINUTE,
  )
  t.same(minutes, [1, 2, 4, 8, 16, 32, 60, 60, 60])
  t.equal(nextAttemptAt(5, 1, 0, 0.5), 5 + 52_500, 'chance takes a part of it')
})

t.test('an issuer that asks for more patience gets it, up to an hour', async (t) => {
  t.equal(nextAttemptAt(0, 1, 120, 0), 2 * MINUTE)
  t.equal(nextAttemptAt(0, 1, 5, 0), MINUTE)
  t.equal(nextAttemptAt(0, 1, 86_400, 0), 60 * MINUTE)
})

t.test('a pause lasts until its end, whatever was restarted meanwhile', async (t) => {
  const report = {
    attempts: 1,
    isVerified: false,
    accessTokens: { revoked: 0, unsupported: 0, failed: 0 },
  }
  t.equal(isPausing(undefined, 0), false)
  t.equal(isPausing(report, 0), false)
  const later = { ...report, nextAttemptAt: 10 * MINUTE }
  t.equal(isPausing(later, 10 * MINUTE - 1), true)
  t.equal(isPausing(later, 10 * MINUTE), false)
  t.equal(isPausing(later, -51 * MINUTE), false, 'a clock that was set back holds nothing up')
})
