import t from 'tap'
import { UnlockDelay } from '../../../daemon/vault/unlock-delay.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

t.test('each wrong guess doubles the wait, up to a minute; a right one ends it', async (t) => {
  const clock = new FakeClock()
  const delay = new UnlockDelay(clock)
  t.equal(delay.waitSeconds(), 0)
  for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
    delay.wrong()
    t.equal(delay.waitSeconds(), seconds)
    clock.advance(seconds * 1000 - 1)
    t.equal(delay.waitSeconds(), 1)
    clock.advance(1)
    t.equal(delay.waitSeconds(), 0)
  }
  delay.wrong()
  delay.right()
  t.equal(delay.waitSeconds(), 0)
  delay.wrong()
  t.equal(delay.waitSeconds(), 1)
})
