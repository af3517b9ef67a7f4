import fc from 'fast-check'
import t from 'tap'
import { ClockWatch } from '../../../daemon/base/clock-watch.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

t.test('a jump is what the wall clock moved beyond the other by more than 5 s', async (t) => {
  const table: readonly (readonly [number, number])[] = [
    [0, 0],
    [5_000, 0],
    [-5_000, 0],
    [5_001, 5_001],
    [-5_001, -5_001],
    [3_600_000, 3_600_000],
    [-3_600_000, -3_600_000],
  ]
  for (const [parted, jumpMs] of table) {
    const clock = new FakeClock()
    const watch = new ClockWatch(clock)
    clock.advance(30_000)
    clock.jump(parted)
    t.same(watch.look(), { elapsedMs: 30_000, jumpMs }, `${parted} ms`)
    clock.advance(30_000)
    t.same(watch.look(), { elapsedMs: 30_000, jumpMs: 0 }, 'and is told once')
  }
})

t.test('clocks that part slowly, or move together however far, never jump', async () => {
  const step = fc.record({
    together: fc.integer({ min: 0, max: 2_000_000_000 }),
    apart: fc.integer({ min: -5_000, max: 5_000 }),
  })
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const clock = new FakeClock()
      const watch = new ClockWatch(clock)
      return steps.every(({ together, apart }) => {
        clock.advance(together)
        clock.jump(apart)
        const { elapsedMs, jumpMs } = watch.look()
        return elapsedMs === together && jumpMs === 0
      })
    }),
  )
})
