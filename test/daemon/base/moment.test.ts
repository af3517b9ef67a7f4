import t from 'tap'
import { momentIn, momentOf, msSince, msUntil } from '../../../daemon/base/moment.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

t.test('time passes as both clocks say', async (t) => {
  const clock = new FakeClock()
  const start = momentOf(clock)
  const end = momentIn(clock, 1_000)
  t.equal(msSince(clock, start), 0)
  t.equal(msUntil(clock, end), 1_000)
  clock.advance(1_500)
  t.equal(msSince(clock, start), 1_500)
  t.equal(msUntil(clock, end), -500)
})

t.test('a wall clock that is set back takes nothing away', async (t) => {
  const clock = new FakeClock()
  const start = momentOf(clock)
  const end = momentIn(clock, 1_000)
  clock.advance(600)
  clock.jump(-3_600_000)
  t.equal(msSince(clock, start), 600)
  t.equal(msUntil(clock, end), 400)
})

t.test('a sleep that the monotonic clock did not see counts', async (t) => {
  const clock = new FakeClock()
  const start = momentOf(clock)
  const end = momentIn(clock, 1_000)
  clock.jump(3_600_000)
  t.equal(msSince(clock, start), 3_600_000)
  t.equal(msUntil(clock, end), 1_000 - 3_600_000)
})
