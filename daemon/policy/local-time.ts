import { type Hours, type TimeWindow, WEEKDAYS, type Weekday } from '../config/rule.ts'

/** A moment as a clock on the wall shows it. */
export interface LocalTime {
  readonly day: Weekday
  /** Minutes since midnight, 0 to 1439. */
  readonly minute: number
}

/**
 * A moment in the time zone of the machine.
 *
 * @param now Milliseconds since the epoch.
 */
export function localTime(now: number): LocalTime {
  const second = Math.floor(now / 1_000)
  if (second !== last.second) last = { second, time: timeOf(new Date(now)) }
  return last.time
}

/** Asked with every token: within a second it is the same, wherever the machine is. */
let last: { readonly second: number; readonly time: LocalTime } = {
  second: Number.NaN,
  time: { day: 'sun', minute: 0 },
}

function timeOf(date: Date): LocalTime {
  return {
    day: WEEKDAYS[date.getDay()] ?? 'sun',
    minute: date.getHours() * 60 + date.getMinutes(),
  }
}

/**
 * True while a window is open. One that crosses midnight belongs to the day on which it
 * began: `22:00-06:00` on `fri` is open until Saturday morning.
 */
export function isWithin({ hours, days }: TimeWindow, { day, minute }: LocalTime): boolean {
  const isOn = (one: Weekday): boolean => days === undefined || days.includes(one)
  if (hours === undefined) return isOn(day)
  const { from, to } = hours
  if (from < to) return isOn(day) && minute >= from && minute < to
  return (isOn(day) && minute >= from) || (isOn(dayBefore(day)) && minute < to)
}

/** A window as the file writes it. */
export function formatWindow({ hours, days }: TimeWindow): string {
  const parts = [...(days ?? []), ...(hours === undefined ? [] : [formatHours(hours)])]
  return parts.join(' ')
}

function formatHours({ from, to }: Hours): string {
  return [from, to].map(formatMinute).join('-')
}

function formatMinute(minute: number): string {
  const parts = [Math.floor(minute / 60), minute % 60]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}

function dayBefore(day: Weekday): Weekday {
  return WEEKDAYS[(WEEKDAYS.indexOf(day) + 6) % 7] ?? 'sat'
}
