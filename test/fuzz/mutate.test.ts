import t from 'tap'
import { inputOf, MAX_INPUT_BYTES } from './mutate.ts'

const GROUND = { seeds: [Buffer.from('hello "world" 17')], words: ['WORD'] }

t.test('a seed and a number give the same input again, other ones another', async (t) => {
  const row = (seed: number): readonly string[] =>
    Array.from({ length: 300 }, (_, run) => inputOf(seed, run, GROUND).toString('latin1'))
  t.same(row(1), row(1))
  t.notSame(row(1), row(2))
  t.ok(new Set(row(1)).size > 200, 'few come twice')
})

t.test('no input is longer than the limit, and some come near it', async (t) => {
  const inputs = Array.from({ length: 3_000 }, (_, run) => inputOf(5, run, GROUND))
  const longest = Math.max(...inputs.map((input) => input.length))
  t.ok(longest <= MAX_INPUT_BYTES && longest > MAX_INPUT_BYTES / 2, `${longest}`)
  t.ok(inputs.some((input) => input.includes('WORD')))
  t.ok(inputs.some((input) => input.length === 0))
})

t.test('nothing grows out of nothing too', async (t) => {
  for (let run = 0; run < 200; run++)
    t.ok(inputOf(1, run, { seeds: [Buffer.alloc(0)], words: [] }).length <= MAX_INPUT_BYTES)
})
