import t from 'tap'
import { ConsentMemory } from '../../../daemon/consent/consent-memory.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

function scene(max = 10) {
  const clock = new FakeClock()
  const rules = { now: {} as unknown }
  return { clock, rules, memory: new ConsentMemory({ clock, rules: () => rules.now, max }) }
}

t.test('a yes counts as long as it was given for', async (t) => {
  const { clock, memory } = scene()
  memory.keep('a', 'g', { seconds: 900 })
  memory.keep('b', 'g', 'process')
  memory.keep('c', 'g', 'once')
  t.equal(memory.size, 2, 'once is not kept')
  clock.advance(899_999)
  t.equal(memory.has('a', { seconds: 900 }), true)
  t.equal(memory.has('a', { seconds: 60 }), false, 'a rule that wants it newer')
  t.equal(memory.has('a', 'always'), false)
  t.equal(memory.has('a', 'once'), true)
  clock.advance(1)
  t.equal(memory.has('a', { seconds: 900 }), false)
  clock.advance(1e12)
  t.equal(memory.has('b', 'once'), true)
  t.equal(memory.has('c', 'once'), false)
  t.equal(memory.has('d', 'once'), false)
})

t.test('what counts still is told from what does not', async (t) => {
  const { clock, rules, memory } = scene()
  memory.keep('a', 'g', { seconds: 900 })
  memory.keep('b', 'g', 'process')
  t.equal(memory.standing, 2)
  clock.advance(900_000)
  t.equal(memory.standing, 1)
  rules.now = {}
  t.equal(memory.standing, 0)
})

t.test('neither a sleep nor a clock that is set back makes a yes last longer', async (t) => {
  const asleep = scene()
  asleep.memory.keep('a', 'g', { seconds: 900 })
  asleep.clock.jump(900_000)
  t.equal(asleep.memory.has('a', { seconds: 900 }), false)
  const back = scene()
  back.memory.keep('a', 'g', { seconds: 900 })
  back.clock.jump(-3_600_000)
  back.clock.advance(900_000)
  t.equal(back.memory.has('a', { seconds: 900 }), false)
})

t.test('a yes under other rules is none, also when the old ones come back', async (t) => {
  const { rules, memory } = scene()
  const before = rules.now
  memory.keep('a', 'g', 'process')
  rules.now = {}
  t.equal(memory.has('a', 'once'), false)
  rules.now = before
  t.equal(memory.has('a', 'once'), false)
})

t.test('what is forgotten is forgotten', async (t) => {
  const { memory } = scene()
  memory.keep('a', 'g', 'process')
  memory.keep('b', 'g', 'process')
  memory.keep('c', 'h', 'process')
  memory.forgetGrant('g')
  t.same(
    ['a', 'b', 'c'].map((key) => memory.has(key, 'once')),
    [false, false, true],
  )
  memory.clear()
  t.equal(memory.size, 0)
})

t.test('the memory has a bound; the oldest goes', async (t) => {
  const { memory } = scene(2)
  memory.keep('a', 'g', 'process')
  memory.keep('b', 'g', 'process')
  memory.keep('a', 'g', 'process')
  memory.keep('c', 'g', 'process')
  t.equal(memory.size, 2)
  t.same(
    ['a', 'b', 'c'].map((key) => memory.has(key, 'once')),
    [true, false, true],
  )
})
