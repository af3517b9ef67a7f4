import t from 'tap'
import { RateBuckets } from '../../../daemon/policy/rate-buckets.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

const rate = { rule: 'slow', tokens: 2, seconds: 60 }

t.test('a bucket begins full, empties, and fills evenly', async (t) => {
  const clock = new FakeClock()
  const buckets = new RateBuckets(clock)
  const take = () => buckets.take([rate], 'grant', 'git')
  t.equal(take(), undefined)
  t.equal(take(), undefined)
  t.same(take(), { rule: 'slow', retryAfterSeconds: 30 })
  clock.advance(29_500)
  t.same(take(), { rule: 'slow', retryAfterSeconds: 1 })
  clock.advance(500)
  t.equal(take(), undefined)
  t.same(take(), { rule: 'slow', retryAfterSeconds: 30 })
  clock.advance(3_600_000)
  t.equal(take(), undefined)
  t.equal(take(), undefined)
  t.ok(take(), 'it never holds more than the rate')
  t.equal(buckets.refused, 4)
})

t.test('a bucket that is full again is in use no more', async (t) => {
  const clock = new FakeClock()
  const buckets = new RateBuckets(clock)
  t.equal(buckets.inUse, 0)
  buckets.take([rate, { ...rate, rule: 'slower', seconds: 600 }], 'grant', 'git')
  t.equal(buckets.inUse, 2)
  clock.advance(30_000)
  t.equal(buckets.inUse, 1)
  clock.advance(270_000)
  t.equal(buckets.inUse, 0)
})

t.test('neither a jump of the wall clock fills it', async (t) => {
  const clock = new FakeClock()
  const buckets = new RateBuckets(clock)
  buckets.take([{ ...rate, tokens: 1 }], 'grant', 'git')
  clock.jump(86_400_000)
  t.ok(buckets.take([{ ...rate, tokens: 1 }], 'grant', 'git'))
})

t.test('callers, grants and rules have their own', async (t) => {
  const buckets = new RateBuckets(new FakeClock())
  const once = { ...rate, tokens: 1 }
  for (const [rule, grant, caller] of [
    ['a', 'g', 'x'],
    ['b', 'g', 'x'],
    ['a', 'h', 'x'],
    ['a', 'g', 'y'],
    ['a', 'g 1 y', 'z'],
    ['a', 'g', '1 y z'],
    ['a 1', 'g', 'x'],
  ] as const) {
    t.equal(buckets.take([{ ...once, rule }], grant, caller), undefined)
    t.ok(buckets.take([{ ...once, rule }], grant, caller))
  }
})

t.test('all rates must hold, and the longest wait is told', async (t) => {
  const buckets = new RateBuckets(new FakeClock())
  const burst = { rule: 'burst', tokens: 1, seconds: 1 }
  const day = { rule: 'day', tokens: 1, seconds: 86_400 }
  t.equal(buckets.take([burst, day], 'g', 'x'), undefined)
  t.same(buckets.take([burst, day], 'g', 'x'), { rule: 'day', retryAfterSeconds: 86_400 })
  t.equal(buckets.take([], 'g', 'x'), undefined)
})

t.test('a refusal takes nothing from the buckets that would have given', async (t) => {
  const clock = new FakeClock()
  const buckets = new RateBuckets(clock)
  const wide = { rule: 'wide', tokens: 2, seconds: 86_400 }
  const narrow = { rule: 'narrow', tokens: 1, seconds: 60 }
  t.equal(buckets.take([wide, narrow], 'g', 'x'), undefined)
  for (let i = 0; i < 5; i += 1) t.ok(buckets.take([wide, narrow], 'g', 'x'))
  clock.advance(60_000)
  t.equal(buckets.take([wide, narrow], 'g', 'x'), undefined)
})

t.test('memory is bounded, and buckets that are full again go first', async (t) => {
  const clock = new FakeClock()
  const buckets = new RateBuckets(clock)
  const quick = { rule: 'quick', tokens: 1, seconds: 1 }
  const slow = { rule: 'slow', tokens: 1, seconds: 86_400 }
  for (let i = 0; i < 9_000; i += 1) buckets.take([quick], 'g', `q${i}`)
  clock.advance(1_000)
  for (let i = 0; i < 1_001; i += 1) buckets.take([slow], 'g', `s${i}`)
  t.equal(buckets.size, 1_001)
  t.ok(buckets.take([slow], 'g', 's0'), 'those in use are kept')
  for (let i = 0; i < 20_000; i += 1) buckets.take([slow], 'h', `s${i}`)
  t.ok(buckets.size <= 10_000)
})
