import fc from 'fast-check'
import t from 'tap'
import { type Count, countWithin } from '../../../daemon/anomaly/count-within.ts'

const BOUND = { most: 3, seconds: 10, what: 'things' }

/** Reasons that came at these times. */
function reasonsAt(times: readonly number[]): readonly (string | undefined)[] {
  let memory: Count | undefined
  return times.map((at) => {
    const verdict = countWithin(memory, at, BOUND)
    memory = verdict.memory
    return verdict.reason
  })
}

t.test('a bound is told once for each window in which it is reached', async (t) => {
  const told = '3 things within 10 seconds'
  const none = undefined
  t.same(reasonsAt([0, 1, 9_999, 9_999, 9_999]), [none, none, told, none, none])
  t.same(reasonsAt([0, 1, 10_000, 10_001, 10_002]), [none, none, none, none, told])
  t.same(reasonsAt([50, 51, 49, 50, 51]), [none, none, none, none, told], 'a clock set back')
})

t.test('what stays below the bound is never told, and the memory is two numbers', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 5_001, max: 60_000 })), (pauses) => {
      let at = 0
      const times = pauses.map((pause) => (at += pause))
      return reasonsAt(times).every((reason) => reason === undefined)
    }),
  )
  t.same(Object.keys(countWithin(undefined, 5, BOUND).memory), ['since', 'count'])
})
