import t from 'tap'
import { emptyMemory } from '../../../daemon/wiring/empty-memory.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

t.test('a daemon begins with nothing, and two daemons share nothing', async (t) => {
  const clock = new FakeClock()
  const [one, other] = [emptyMemory(clock), emptyMemory(clock)]
  t.same([one.tokens.size, one.flights.size, one.uses.size, one.endings.size], [0, 0, 0, 0])
  one.uses.set('grant-1', 1)
  t.equal(other.uses.size, 0)
  t.ok(one.random() < 1)
})
