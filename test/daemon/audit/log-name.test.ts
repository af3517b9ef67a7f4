import t from 'tap'
import {
  compareLogNames,
  dayOf,
  followingName,
  formatLogName,
  nextDay,
  parseLogName,
} from '../../../daemon/audit/log-name.ts'

const at = Date.UTC(2030, 0, 31, 23, 59, 59, 999)

t.test('a name is a day and a part of it', async (t) => {
  for (const name of ['2030-01-31.jsonl', '2030-01-31.2.jsonl', '2030-01-31.12.jsonl']) {
    const parsed = parseLogName(name)
    t.equal(parsed && formatLogName(parsed), name)
  }
  for (const name of ['', 'x', '2030-01-31.1.jsonl', '2030-01-31.02.jsonl', '2030-01-31.jsonl~'])
    t.equal(parseLogName(name), undefined)
})

t.test('the order of names is the order of lines, whatever the clock says', async (t) => {
  const first = followingName(undefined, at)
  const second = followingName(first, at)
  const third = followingName(second, at + 1)
  const fourth = followingName(third, at - 86_400_000)
  const names = [first, second, third, fourth]
  t.same(names.map(formatLogName), [
    '2030-01-31.jsonl',
    '2030-01-31.2.jsonl',
    '2030-02-01.jsonl',
    '2030-02-01.2.jsonl',
  ])
  t.same(names.toReversed().sort(compareLogNames), names)
})

t.test('days are those of UTC, and a clock beyond the calendar has one too', async (t) => {
  t.equal(nextDay(at), at + 1)
  t.equal(nextDay(at + 1), at + 1 + 86_400_000)
  t.equal(dayOf(8e15), '9999-12-31')
  t.equal(dayOf(-1), '1970-01-01')
})
