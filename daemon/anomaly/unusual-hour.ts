import { type Detector, wayTo } from './detector.ts'

/** Days of use after which there is a habit: a week has its weekend. */
const LEARNING_DAYS = 7

const DAY_MS = 86_400_000

/** When a grant is used. */
export interface Habit {
  /** One bit for each hour of the day in which it was used. */
  readonly hours: number
  /** Days on which it was used, counted up to a habit. */
  readonly days: number
  /** The last of them, in days since the epoch. */
  readonly day: number
  /** The last hour, in hours since the epoch, that was told to be outside. */
  readonly toldHour?: number
}

/**
 * Use outside of the hours that the configuration names; where it names none, at an hour in
 * which this grant was never used, nor an hour before or after it.
 */
export const UNUSUAL_HOUR: Detector<Habit> = {
  event: 'anomaly.unusual_hour',
  keyOf: (sighting) => (sighting.event === 'token.issued' ? wayTo(sighting) : undefined),
  look: (memory, { at, hour, isOutside }) => {
    const habit = memory ?? { hours: 0, days: 0, day: -1 }
    const learnt = learn(habit, hour, Math.floor(at / DAY_MS))
    const asked = Math.floor((at * 24) / DAY_MS)
    if (isOutside === true && habit.toldHour !== asked)
      return {
        memory: { ...learnt, toldHour: asked },
        reason: 'outside of the hours of the configuration',
      }
    const isHabit = habit.days >= LEARNING_DAYS
    if (isOutside !== undefined || !isHabit || isNear(habit.hours, hour)) return { memory: learnt }
    return { memory: learnt, reason: `never used at this hour of the day before (${hour}:00)` }
  },
}

function learn(habit: Habit, hour: number, day: number): Habit {
  const hours = habit.hours | (1 << hour)
  if (hours === habit.hours && day === habit.day) return habit
  const days = day === habit.day ? habit.days : Math.min(habit.days + 1, LEARNING_DAYS)
  return { ...habit, hours, days, day }
}

function isNear(hours: number, hour: number): boolean {
  return [hour + 23, hour, hour + 1].some((near) => (hours & (1 << (near % 24))) !== 0)
}
