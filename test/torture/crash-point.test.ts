import t from 'tap'
import { type CrashPoint, fits, type Seen, trigger } from './crash-point.ts'

const rename: Seen = { call: 'rename', when: 'after', target: '/grants/a.grant', text: '' }
const answer: Seen = { call: 'answer', when: 'after', target: '/token', text: '200 h' }
const point: CrashPoint = { call: 'rename', when: 'after', target: '\\.grant$' }

t.test('a moment fits by its call, its side, its target and its text', async (t) => {
  t.ok(fits(point, rename))
  t.notOk(fits(point, { ...rename, call: 'open' }))
  t.notOk(fits(point, { ...rename, when: 'before' }))
  t.notOk(fits(point, { ...rename, target: '/grants' }))
  t.notOk(fits({ ...answer, text: '^400' }, answer))
})

t.test('the n-th moment that fits is the one, and no later one', async (t) => {
  const isMoment = trigger({ ...point, nth: 2 })
  t.same([rename, answer, rename, rename].map(isMoment), [false, false, true, false])
})

t.test('what comes before the moment it counts from does not count', async (t) => {
  const isMoment = trigger({ ...point, since: { call: 'answer', when: 'after', target: '/token' } })
  t.same([rename, answer, rename].map(isMoment), [false, false, true])
})
