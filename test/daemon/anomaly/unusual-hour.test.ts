import fc from 'fast-check'
import t from 'tap'
import { Shelf } from '../../../daemon/anomaly/shelf.ts'
import { type Habit, UNUSUAL_HOUR } from '../../../daemon/anomaly/unusual-hour.ts'
import { sampleSighting } from '../../fakes/sample-sighting.ts'

const DAY_MS = 86_400_000
const START = Date.UTC(2030, 0, 1)

/** Days of use at these hours, and who sees the rest. */
function after(days: number, hours: readonly number[]): (hour: number) => string | undefined {
  const shelf = new Shelf(UNUSUAL_HOUR)
  const see = (day: number, hour: number) =>
    shelf.see(sampleSighting({ at: START + day * DAY_MS + hour * 3_600_000, hour }))
  for (let day = 0; day < days; day += 1) for (const hour of hours) see(day, hour)
  return (hour) => see(days, hour)
}

t.test('after a week of use an hour far from all others is told once', async (t) => {
  const see = after(7, [9, 17])
  for (const hour of [8, 9, 10, 16, 18]) t.equal(see(hour), undefined, `${hour}`)
  t.match(see(3), 'never used at this hour of the day before (3:00)')
  t.equal(see(3), undefined, 'it is known by now')
  t.equal(after(7, [0])(23), undefined, 'midnight is near to eleven')
  t.equal(after(7, [23])(0), undefined)
})

t.test('before there is a habit nothing is unusual', async (t) => {
  t.equal(after(6, [9, 17])(3), undefined)
  t.equal(after(0, [])(3), undefined)
})

t.test(
  'hours of the configuration stand in the place of habits, and are told once an hour',
  async (t) => {
    const shelf = new Shelf(UNUSUAL_HOUR)
    const at = (hour: number, isOutside: boolean) =>
      shelf.see(sampleSighting({ at: START + hour * 3_600_000, hour, isOutside }))
    t.match(at(3, true), 'outside of the hours of the configuration')
    t.equal(at(3, true), undefined)
    t.match(at(4, true), 'outside')
    t.equal(at(9, false), undefined)
    const habit: Habit = { hours: 1 << 9, days: 7, day: 1 }
    t.equal(
      UNUSUAL_HOUR.look(habit, sampleSighting({ hour: 3, isOutside: false })).reason,
      undefined,
    )
  },
)

t.test('only tokens that were issued count', async (t) => {
  t.equal(UNUSUAL_HOUR.keyOf(sampleSighting({ event: 'token.denied' })), undefined)
})

t.test('whenever it is used, the memory is some numbers', async () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1_000), fc.nat(23), fc.boolean())), (uses) => {
      let memory: Habit | undefined
      for (const [day, hour, isOutside] of uses)
        memory = UNUSUAL_HOUR.look(
          memory,
          sampleSighting({ at: day * DAY_MS, hour, isOutside }),
        ).memory
      return memory === undefined || (memory.days <= 7 && memory.hours < 2 ** 24)
    }),
  )
})
