import fc from 'fast-check'
import t from 'tap'
import {
  capLife,
  isFreshEnough,
  remainingSeconds,
  withinLife,
} from '../../../daemon/token/remaining-life.ts'
import { accessToken } from '../../fakes/access-token.ts'

t.test('seconds are whole, rounded down and never negative', async (t) => {
  const token = accessToken(0, 10)
  for (const [now, seconds] of [
    [0, 10],
    [1, 9],
    [9_000, 1],
    [9_001, 0],
    [10_000, 0],
    [99_000, 0],
    [-5_000, 15],
  ] as const)
    t.equal(remainingSeconds(token, now), seconds, `at ${now}`)
})

t.test('a token is handed out while enough of its life is left', async (t) => {
  const table: readonly (readonly [number, number, number, boolean, string])[] = [
    [300, 270, 0, true, '30 s are left'],
    [300, 270.001, 0, false, 'just less than 30 s'],
    [3600, 3240, 0, true, 'a tenth of a long life'],
    [3600, 3240.001, 0, false, 'just less than a tenth'],
    [3600, 3000, 600, true, 'as much as was asked'],
    [3600, 3000.001, 600, false, 'just less than was asked'],
    [300, 60, 86_400, true, 'nobody may ask for more than four fifths'],
    [300, 60.001, 86_400, false, 'just less than four fifths'],
    [20, 4, 0, true, 'four fifths of a short life are enough'],
    [20, 4.001, 0, false, 'less of a short life is not'],
    [300, 0, 0, true, 'new'],
    [300, 300, 0, false, 'over'],
    [300, 301, 0, false, 'long over'],
    [0, 0, 0, false, 'without a life'],
    [0, -1, 0, true, 'without a life, and the clock went back'],
  ]
  for (const [life, ageSeconds, minTtl, expected, what] of table)
    t.equal(isFreshEnough(accessToken(0, life), ageSeconds * 1000, minTtl), expected, what)
})

t.test('a new token is always fresh enough, whatever is asked', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: 0, max: 86_400 }),
      (life, min) => isFreshEnough(accessToken(0, life), 0, min),
    ),
  )
})

t.test('who asks for less gets a token whenever who asks for more does', async () => {
  const seconds = fc.nat({ max: 90_000 })
  fc.assert(
    fc.property(seconds, seconds, seconds, seconds, (life, age, one, other) => {
      const token = accessToken(0, life)
      const more = isFreshEnough(token, age * 1000, Math.max(one, other))
      return !more || isFreshEnough(token, age * 1000, Math.min(one, other))
    }),
  )
})

t.test('the shorter of two lives holds', async (t) => {
  const token = accessToken(0, 10)
  t.equal(withinLife(token, 4_000, 6_000), token, 'both clocks agree')
  t.equal(withinLife(token, 4_000, 9_000), token, 'the wall clock went on alone')
  t.same(withinLife(token, 1_000, 6_000.7), { ...token, expiresAt: 7_000 }, 'it went back')
  t.same(withinLife(token, 1_000, -1), { ...token, expiresAt: 999 }, 'and the token is over')
})

t.test('a cap shortens a life from its start, and never makes one longer', async (t) => {
  const token = accessToken(1_000, 3_600)
  t.match(capLife(token, 600), { lifetimeSeconds: 600, expiresAt: 601_000 })
  t.equal(capLife(token, 3_600), token)
  t.equal(capLife(token, 86_400), token)
  t.equal(capLife(token, undefined), token)
  const late = withinLife(token, 0, 2_000_000)
  t.match(capLife(late, 600), { expiresAt: -1_000_000 }, 'a life that the clocks cut stays cut')
})
