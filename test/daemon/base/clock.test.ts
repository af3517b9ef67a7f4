import t from 'tap'
import { systemClock } from '../../../daemon/base/clock.ts'

t.test('the wall clock counts from the epoch, the monotonic one never goes back', async (t) => {
  t.ok(Math.abs(systemClock.now() - Date.now()) < 60_000)
  const readings = Array.from({ length: 1000 }, () => systemClock.monotonic())
  t.same(
    readings,
    [...readings].sort((a, b) => a - b),
  )
})
