import t from 'tap'
import { fromNow, moment } from '../../../cli/text/moment.ts'

const clock = { now: () => Date.UTC(2030, 0, 1), offsetMinutes: () => 90 }

t.test('a moment in local time and from now on', async (t) => {
  t.equal(moment('2030-01-01T00:05:00Z', clock), '2030-01-01 01:35 (in 5 min)')
  t.equal(moment('2029-12-31T21:00:00Z', clock), '2029-12-31 22:30 (3 h ago)')
  t.equal(moment('2030-01-01T00:00:00Z', clock), '2030-01-01 01:30 (0 s ago)')
  t.equal(fromNow('2030-01-01T02:00:30+02:00', clock), 'in 30 s')
})

t.test('what is no moment is shown, not hidden', async (t) => {
  t.equal(moment('soon\x1b[2J', clock), 'soon\u{fffd}[2J')
  t.equal(fromNow('soon\n', clock), 'soon\u{fffd}')
})
