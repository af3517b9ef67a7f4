import t from 'tap'
import type { Weekday } from '../../../daemon/config/rule.ts'
import { formatWindow, isWithin, localTime } from '../../../daemon/policy/local-time.ts'

const at = (day: Weekday, hour: number, minute = 0) => ({ day, minute: hour * 60 + minute })

t.test('a moment is told in the time zone of the machine', async (t) => {
  const moment = new Date(2030, 0, 4, 23, 5)
  t.same(localTime(moment.getTime()), { day: 'fri', minute: 23 * 60 + 5 })
  t.same(localTime(new Date(2030, 0, 6).getTime()), { day: 'sun', minute: 0 })
})

t.test('a window begins with its first minute and ends before its last', async (t) => {
  const office = { hours: { from: 480, to: 1080 } }
  for (const [time, isOpen] of [
    [at('sun', 7, 59), false],
    [at('mon', 8), true],
    [at('mon', 17, 59), true],
    [at('mon', 18), false],
  ] as const)
    t.equal(isWithin(office, time), isOpen)
  t.ok(isWithin({}, at('sun', 3)), 'no window is always open')
  t.ok(isWithin({ hours: { from: 0, to: 1440 } }, at('sun', 23, 59)))
})

t.test('days without hours are whole days', async (t) => {
  const window = { days: ['mon', 'sun'] } as const
  t.ok(isWithin(window, at('sun', 0)))
  t.ok(isWithin(window, at('mon', 23, 59)))
  t.notOk(isWithin(window, at('tue', 0)))
})

t.test('a window across midnight belongs to the day it began', async (t) => {
  const night = { hours: { from: 1320, to: 360 }, days: ['fri'] } as const
  for (const [time, isOpen] of [
    [at('fri', 21, 59), false],
    [at('fri', 22), true],
    [at('sat', 5, 59), true],
    [at('sat', 6), false],
    [at('fri', 5), false],
    [at('sat', 22), false],
  ] as const)
    t.equal(isWithin(night, time), isOpen, JSON.stringify(time))
  t.ok(isWithin({ ...night, days: ['sat'] }, at('sun', 1)), 'also from saturday to sunday')
  t.ok(isWithin({ hours: night.hours }, at('tue', 1)), 'every night')
})

t.test('a window reads as it is written', async (t) => {
  t.equal(
    formatWindow({ hours: { from: 485, to: 1440 }, days: ['mon', 'tue'] }),
    'mon tue 08:05-24:00',
  )
  t.equal(formatWindow({ days: ['sat'] }), 'sat')
  t.equal(formatWindow({}), '')
})
