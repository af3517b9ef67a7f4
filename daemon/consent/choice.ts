import { formatDuration } from '../config/duration.ts'
import type { ConsentTerm } from '../config/rule.ts'

/** What a rule wants of the person: once for each process, each time, or a yes that counts so long. */
export type ConsentWish = Exclude<ConsentTerm, 'never'>

/** How far a yes goes: for those who wait now, for so long, or until the process ends. */
export type Choice = 'once' | 'process' | { readonly seconds: number }

/**
 * What may be chosen, the narrowest first and never more than the rule gives; a prompt
 * with room for one yes only shows the last.
 */
export function offeredChoices(wish: ConsentWish): readonly [Choice, ...Choice[]] {
  if (wish === 'always') return ['once']
  return ['once', wish === 'once' ? 'process' : wish]
}

/** True when a yes that was given so long ago is enough for what a rule wants now. */
export function isEnough(choice: Choice, ageSeconds: number, wish: ConsentWish): boolean {
  if (choice === 'once' || wish === 'always') return false
  // neither has an end of its own: the process has one
  const given = choice === 'process' ? Number.POSITIVE_INFINITY : choice.seconds
  const wanted = wish === 'once' ? Number.POSITIVE_INFINITY : wish.seconds
  return ageSeconds < Math.min(given, wanted)
}

/** The choice on a button, such as `Allow for 15 minutes`. */
export function choiceLabel(choice: Choice): string {
  if (choice === 'once') return 'Allow once'
  return choice === 'process' ? 'Allow for this process' : `Allow for ${spelled(choice.seconds)}`
}

/** The choice on record, such as `once`, `process` or `15m`. */
export function choiceWord(choice: Choice): string {
  return typeof choice === 'string' ? choice : formatDuration(choice.seconds)
}

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
]

/** Whole seconds in words, with the largest unit that divides them. */
export function spelled(seconds: number): string {
  const [size, name] = UNITS.find(([unit]) => seconds % unit === 0) ?? [1, 'second']
  const count = seconds / size
  return `${count} ${name}${count === 1 ? '' : 's'}`
}
