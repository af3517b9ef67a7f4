import t from 'tap'
import { SteadyClock } from '../../../daemon/base/steady-clock.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

const STEADY_MS = 300_000
const YEAR_MS = 31_536_000_000

t.test('a clock is believed once it has gone on for five minutes', async (t) => {
  const clock = new FakeClock()
  const steady = new SteadyClock(clock)
  t.notOk(steady.isSteady(), 'not at the start')
  clock.advance(STEADY_MS - 1)
  t.notOk(steady.isSteady())
  clock.advance(1)
  t.ok(steady.isSteady())
})

t.test('after every jump it has to prove itself again', async (t) => {
  for (const jump of [YEAR_MS, -YEAR_MS, 6_000]) {
    const clock = new FakeClock()
    const steady = new SteadyClock(clock)
    clock.advance(STEADY_MS)
    t.ok(steady.isSteady())
    clock.jump(jump)
    for (let waited = 0; waited < STEADY_MS; waited += 30_000) {
      t.notOk(steady.isSteady(), `${waited} ms after ${jump}`)
      clock.advance(30_000)
    }
    t.ok(steady.isSteady())
  }
})
