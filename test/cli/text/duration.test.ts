import t from 'tap'
import { countDown, duration } from '../../../cli/text/duration.ts'

t.test('a duration in words', async (t) => {
  const cases: [number, string][] = [
    [-5, '0 s'],
    [Number.NaN, '0 s'],
    [0.9, '0 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [3599, '59 min'],
    [3600, '1 h'],
    [7800, '2 h 10 min'],
    [86_400, '1 d'],
    [273_600, '3 d 4 h'],
  ]
  for (const [seconds, text] of cases) t.equal(duration(seconds), text)
})

t.test('a count down reaches zero and stays there', async (t) => {
  const cases: [number, string][] = [
    [600, '10:00'],
    [599.2, '10:00'],
    [65, '1:05'],
    [0.5, '0:01'],
    [0, '0:00'],
    [-3, '0:00'],
  ]
  for (const [seconds, text] of cases) t.equal(countDown(seconds), text)
})
