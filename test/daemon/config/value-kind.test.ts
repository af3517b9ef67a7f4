import t from 'tap'
import { durationBetween, wordOf } from '../../../daemon/config/value-kind.ts'

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
