import t from 'tap'
import { BackOff, type Pauses } from '../../../daemon/refresh/back-off.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

const pauses: Pauses = { firstSeconds: 5, mostSeconds: 300, jitter: 0.25 }
const others: Pauses = { firstSeconds: 1, mostSeconds: 15, jitter: 0 }

function scene(random = () => 0): { readonly clock: FakeClock; readonly backOff: BackOff } {
  const clock = new FakeClock()
  return { clock, backOff: new BackOff({ clock, random }) }
}

t.test('each pause is twice the one before, up to the most', async (t) => {
  const { backOff } = scene()
  const grown = Array.from({ length: 8 }, () => backOff.failed('a', 'off', pauses))
  t.same(grown, [5, 10, 20, 40, 80, 160, 300, 300])
  const quick = Array.from({ length: 6 }, () => backOff.failed('b', 'off', others))
  t.same(quick, [1, 2, 4, 8, 15, 15])
})

t.test('another kind of failure starts from its own first pause', async (t) => {
  const { backOff } = scene()
  for (let i = 0; i < 5; i++) backOff.failed('a', 'a page', pauses)
  t.equal(backOff.failed('a', 'offline', others), 1)
  t.equal(backOff.lastReason('a'), 'offline')
  t.equal(backOff.failed('a', 'another page', pauses), 5)
})

t.test('chance takes a part of a pause away, and never all of it', async (t) => {
  const { backOff } = scene(() => 0.9999)
  t.equal(backOff.failed('a', 'off', pauses), 4)
  t.equal(backOff.failed('a', 'off', pauses), 8)
  const most = Array.from({ length: 20 }, () => backOff.failed('a', 'off', pauses)).at(-1)
  t.equal(most, 226)
  t.equal(backOff.failed('b', 'off', { ...pauses, firstSeconds: 0, mostSeconds: 0 }), 1)
})

t.test('the wait is told in whole seconds, and nobody else waits', async (t) => {
  const { backOff, clock } = scene()
  t.equal(backOff.waitSeconds('a'), 0)
  backOff.failed('a', 'off', pauses)
  clock.advance(1)
  t.equal(backOff.waitSeconds('a'), 5)
  clock.advance(4_000)
  t.equal(backOff.waitSeconds('a'), 1)
  t.equal(backOff.waitSeconds('b'), 0)
  clock.advance(999)
  t.equal(backOff.waitSeconds('a'), 0)
  t.equal(backOff.lastReason('a'), 'off', 'the failure is remembered beyond its pause')
})

t.test('either clock can end a pause', async (t) => {
  const { backOff, clock } = scene()
  backOff.failed('a', 'off', pauses)
  clock.jump(-86_400_000)
  t.equal(backOff.waitSeconds('a'), 5, 'a clock set back does not make it longer')
  clock.advance(5_000)
  t.equal(backOff.waitSeconds('a'), 0)
  backOff.failed('a', 'off', pauses)
  clock.jump(3_600_000)
  t.equal(backOff.waitSeconds('a'), 0, 'a machine that slept is not made to wait')
})

t.test('what works is forgotten, and starts anew', async (t) => {
  const { backOff } = scene()
  backOff.failed('a', 'off', pauses)
  backOff.failed('a', 'off', pauses)
  t.equal(backOff.size, 1)
  backOff.clear('a')
  t.equal(backOff.size, 0)
  t.equal(backOff.waitSeconds('a'), 0)
  t.equal(backOff.lastReason('a'), undefined)
  t.equal(backOff.failed('a', 'off', pauses), 5)
})

t.test('all that is kept under a grant can be forgotten', async (t) => {
  const { backOff } = scene()
  for (const id of ['a', 'a ', 'a x', 'ab', 'b']) backOff.failed(id, 'off', pauses)
  backOff.clearAll('a')
  t.same(
    ['a', 'a ', 'a x', 'ab', 'b'].map((id) => backOff.waitSeconds(id)),
    [0, 0, 0, 5, 5],
  )
})

t.test('pauses of one kind can end for everybody', async (t) => {
  const { backOff } = scene()
  for (const id of ['a', 'b']) backOff.failed(id, 'off', others)
  backOff.failed('c', 'busy', pauses)
  backOff.clearKind(others)
  t.same(
    ['a', 'b', 'c'].map((id) => backOff.waitSeconds(id)),
    [0, 0, 5],
  )
})

t.test('where the first failure is free, the second has the first pause', async (t) => {
  const { backOff } = scene()
  const lenient = { ...pauses, free: 1 }
  t.same(
    [1, 2, 3].map(() => backOff.failed('a', 'off', lenient)),
    [0, 5, 10],
  )
  t.equal(backOff.waitSeconds('a'), 10)
})
