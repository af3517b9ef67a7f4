import fc from 'fast-check'
import t from 'tap'
import { formatDuration, parseDuration } from '../../../daemon/config/duration.ts'

t.test('a duration is a whole number and one unit', async (t) => {
  const table: readonly (readonly [string, number | undefined])[] = [
    ['30s', 30],
    ['15m', 900],
    ['12h', 43_200],
    ['30d', 2_592_000],
    ['999999999d', 86_399_999_913_600],
    ['0s', undefined],
    ['015m', undefined],
    ['', undefined],
    ['15', undefined],
    ['m', undefined],
    ['-5m', undefined],
    ['1.5h', undefined],
    ['1h30m', undefined],
    ['15 m', undefined],
    ['15M', undefined],
    ['1w', undefined],
    ['1y', undefined],
    ['15m\n', undefined],
    ['1e3s', undefined],
    ['9999999999s', undefined],
  ]
  for (const [text, seconds] of table) t.equal(parseDuration(text), seconds, JSON.stringify(text))
})

t.test('what was formatted reads back as the same seconds', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999_999_999 }), (seconds) => {
      return parseDuration(formatDuration(seconds)) === seconds
    }),
  )
  t.same([1, 60, 90, 3_600, 86_400, 604_800].map(formatDuration), [
    '1s',
    '1m',
    '90s',
    '1h',
    '1d',
    '7d',
  ])
})
