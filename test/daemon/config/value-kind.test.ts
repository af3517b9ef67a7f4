import t from 'tap'
import {
  durationBetween,
  oneOrMore,
  TRUTH,
  textLike,
  wholeNumber,
  wordOf,
} from '../../../daemon/config/value-kind.ts'

t.test('a word is one of those that are known', async (t) => {
  const kind = wordOf(['auto', 'memory'])
  t.equal(kind.read('auto'), 'auto')
  for (const value of ['', 'aut', 'constructor', 0, true, null, [], ['auto'], {}])
    t.equal(kind.read(value), undefined, JSON.stringify(value))
  t.equal(kind.wish, 'one of auto, memory')
})

t.test('a duration lies between its bounds', async (t) => {
  const kind = durationBetween(60, 86_400)
  for (const [value, seconds] of [
    ['1m', 60],
    ['60s', 60],
    ['24h', 86_400],
    ['1d', 86_400],
  ])
    t.equal(kind.read(value), seconds)
  for (const value of ['59s', '25h', '86401s', '2d', '15', 900, true, [], {}, null])
    t.equal(kind.read(value), undefined, JSON.stringify(value))
  t.equal(kind.wish, 'a duration such as "15m", from 1m to 1d')
})

t.test('a text fits its pattern, a number its bounds, a truth is one', async (t) => {
  const text = textLike(/^a+$/, 'some a')
  t.equal(text.read('aa'), 'aa')
  for (const value of ['', 'b', 1, ['a'], null]) t.equal(text.read(value), undefined)
  t.equal(text.wish, 'some a')
  const number = wholeNumber(0, 3)
  for (const value of [0, 3]) t.equal(number.read(value), value)
  for (const value of [-1, 4, 1.5, '1', 1n, Number.NaN, null])
    t.equal(number.read(value), undefined)
  for (const value of [true, false]) t.equal(TRUTH.read(value), value)
  for (const value of [0, 1, 'true', null, []]) t.equal(TRUTH.read(value), undefined)
})

t.test('a list has one at least, and each of its kind', async (t) => {
  const kind = oneOrMore(wordOf(['a', 'b']))
  t.same(kind.read('a'), ['a'])
  t.same(kind.read(['b', 'a', 'b']), ['b', 'a'], 'none twice')
  for (const value of [[], ['a', 'c'], [['a']], 'c', 1, null, {}, Array(65).fill('a')])
    t.equal(kind.read(value), undefined, JSON.stringify(value))
  t.same(kind.read(Array(64).fill('a')), ['a'])
  t.equal(kind.wish, 'one of a, b, or a list of 1 to 64 such')
})
