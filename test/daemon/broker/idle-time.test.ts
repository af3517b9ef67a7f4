import t from 'tap'
import { IdleTime } from '../../../daemon/broker/idle-time.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

t.test('the clock that counts more holds', async (t) => {
  const clock = new FakeClock()
  const idle = new IdleTime(clock)
  t.equal(idle.seconds, 0)
  clock.advance(1_500)
  t.equal(idle.seconds, 1.5)
  clock.jump(60_000)
  t.equal(idle.seconds, 61.5, 'the sleep of the machine counts')
  clock.jump(-3_600_000)
  t.equal(idle.seconds, 1.5, 'a clock that is set back hides nothing')
  idle.end()
  t.equal(idle.seconds, 0)
})
