import t from 'tap'
import { IdleExit, type IdleExitOptions } from '../../../daemon/broker/idle-exit.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

function watch(changes: Partial<IdleExitOptions> = {}) {
  const clock = new FakeClock()
  const seen = { exits: 0, admitted: 0, waiting: 0 }
  const idle = new IdleExit({
    clock,
    seconds: () => 60,
    admitted: () => seen.admitted,
    unfinished: () => ({ 'open connections': 0, 'pending logins': seen.waiting }),
    exit: () => {
      seen.exits += 1
    },
    ...changes,
  })
  return { clock, seen, idle }
}

t.test('a daemon whom nobody asks ends, once', async (t) => {
  const { clock, seen, idle } = watch()
  clock.advance(59_999)
  idle.look()
  t.equal(seen.exits, 0)
  clock.advance(1)
  idle.look()
  idle.look()
  t.equal(seen.exits, 1)
})

t.test('whoever came meanwhile counts, also when he has gone', async (t) => {
  const { clock, seen, idle } = watch()
  clock.advance(59_000)
  seen.admitted += 1
  idle.look()
  clock.advance(59_999)
  idle.look()
  t.equal(seen.exits, 0)
  clock.advance(1)
  idle.look()
  t.equal(seen.exits, 1)
})

t.test('it stays while anything would be lost, and as long again afterwards', async (t) => {
  const { clock, seen, idle } = watch()
  seen.waiting = 1
  for (let minute = 0; minute < 10; minute += 1) {
    clock.advance(60_000)
    idle.look()
  }
  seen.waiting = 0
  clock.advance(59_000)
  idle.look()
  t.equal(seen.exits, 0)
  clock.advance(1_000)
  idle.look()
  t.equal(seen.exits, 1)
})

t.test('a sleep counts, and a clock that is set back takes nothing away', async (t) => {
  const asleep = watch()
  asleep.clock.jump(60_000)
  asleep.idle.look()
  t.equal(asleep.seen.exits, 1)
  const back = watch()
  back.clock.jump(-3_600_000)
  back.clock.advance(60_000)
  back.idle.look()
  t.equal(back.seen.exits, 1)
})

t.test('where nobody wants it, it never ends', async (t) => {
  const { clock, seen, idle } = watch({ seconds: () => undefined })
  clock.advance(1e9)
  idle.look()
  t.equal(seen.exits, 0)
})
