import t from 'tap'
import { pick, seededRandom } from './random.ts'

t.test('a seed gives the same row of numbers again, another seed another one', async (t) => {
  const row = (seed: number): readonly number[] => Array.from({ length: 200 }, seededRandom(seed))
  t.same(row(7), row(7))
  t.notSame(row(7), row(8))
  t.ok(row(7).every((number) => number >= 0 && number < 1))
  const mean = row(7).reduce((sum, number) => sum + number, 0) / 200
  t.ok(mean > 0.4 && mean < 0.6, `${mean}`)
})

t.test('everything of a list is chosen some time', async (t) => {
  const random = seededRandom(1)
  const chosen = new Set(Array.from({ length: 100 }, () => pick(random, ['a', 'b', 'c'])))
  t.same([...chosen].sort(), ['a', 'b', 'c'])
  t.throws(() => pick(random, []), TypeError)
})
