import t from 'tap'
import { readRetryAfter } from '../../../daemon/issuer/retry-after.ts'

t.test(
  'seconds and dates are understood, an hour is the most, nonsense counts as nothing',
  async (t) => {
    const now = Date.UTC(2030, 0, 1)
    const table: readonly (readonly [string | undefined, number | undefined])[] = [
      ['7', 7],
      [' 0 ', 0],
      ['86400', 3600],
      ['Tue, 01 Jan 2030 00:00:30 GMT', 30],
      ['Tuesday, 01-Jan-30 00:00:30 GMT', 30],
      ['Mon, 31 Dec 2029 00:00:00 GMT', 0],
      ['Tue, 01 Jan 2031 00:00:00 GMT', 3600],
      ['Tue, soon', undefined],
      ['-5', undefined],
      ['soon', undefined],
      ['', undefined],
      [undefined, undefined],
    ]
    for (const [header, seconds] of table)
      t.equal(readRetryAfter(header, now), seconds, `${header}`)
  },
)
