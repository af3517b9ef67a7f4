import t from 'tap'
import type { ClockReading } from '../../../daemon/base/clock-watch.ts'
import type { Log } from '../../../daemon/base/log.ts'
import { Tick, type TickTask } from '../../../daemon/base/tick.ts'
import { deferred } from '../../fakes/deferred.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

function tickWith(tasks: readonly TickTask[]) {
  const clock = new FakeClock()
  const logged: unknown[] = []
  const log: Log = {
    info: () => undefined,
    warn: () => undefined,
    error: (message, error) => void logged.push(message, error),
    setLevel: () => undefined,
  }
  return { clock, logged, tick: new Tick({ clock, log, tasks }) }
}

/** Lets whatever can go on go on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

t.test('a task that fails is logged, tried again, and in nobody’s way', async (t) => {
  const mistake = new TypeError('broken')
  let failures = 0
  let runs = 0
  const { tick, logged } = tickWith([
    {
      name: 'broken',
      run: async () => {
        failures += 1
        throw mistake
      },
    },
    {
      name: 'whole',
      run: async () => {
        runs += 1
      },
    },
  ])
  tick.beat()
  await settled()
  tick.beat()
  await tick.close()
  t.same([failures, runs], [2, 2])
  const line = ['"broken" failed and is tried again', mistake]
  t.same(logged, [...line, ...line])
})

t.test('a task never runs twice at once, and misses nothing that the clocks did', async (t) => {
  const seen: ClockReading[] = []
  const others: ClockReading[] = []
  const ends = deferred()
  const { clock, tick } = tickWith([
    {
      name: 'slow',
      run: async (reading) => {
        seen.push(reading)
        if (seen.length === 1) await ends.promise
      },
    },
    { name: 'quick', run: async (reading) => void others.push(reading) },
  ])
  tick.beat()
  await settled()
  for (const jump of [3_600_000, 0]) {
    clock.advance(30_000)
    clock.jump(jump)
    tick.beat()
    await settled()
  }
  t.equal(seen.length, 1)
  t.same(others, [
    { elapsedMs: 0, jumpMs: 0 },
    { elapsedMs: 30_000, jumpMs: 3_600_000 },
    { elapsedMs: 30_000, jumpMs: 0 },
  ])
  ends.resolve()
  await settled()
  clock.advance(30_000)
  tick.beat()
  t.same(seen.at(1), { elapsedMs: 90_000, jumpMs: 3_600_000 })
  await tick.close()
})

t.test('the end waits for what is under way, and nothing begins after it', async (t) => {
  const ends = deferred()
  let isOver = false
  let runs = 0
  const { tick } = tickWith([
    {
      name: 'slow',
      run: async () => {
        runs += 1
        await ends.promise
        isOver = true
      },
    },
  ])
  tick.start()
  tick.start()
  t.equal(runs, 1, 'the first round is at the start')
  const closed = tick.close()
  ends.resolve()
  await closed
  t.ok(isOver)
  t.equal(runs, 1)
})
