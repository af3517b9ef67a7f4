/** Seconds of each unit; a year has no fixed length, so nobody may write one. */
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

const LONGER_THAN_SECONDS = Object.entries(UNITS).slice(1).toReversed()

const DURATION = /^([1-9]\d{0,8})([smhd])$/

/**
 * Reads a duration of the configuration: a whole number above 0 and its unit, such as
 * `30s`, `15m`, `12h` or `30d`. One unit and no blank, so that nobody has to guess.
 *
 * @returns Seconds; `undefined` when the text is none.
 */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = ''] = DURATION.exec(text) ?? []
  const seconds = UNITS[unit]
  return count === undefined || seconds === undefined ? undefined : Number(count) * seconds
}

/** The shortest way to write whole seconds above 0, with the largest unit that divides them. */
export function formatDuration(seconds: number): string {
  for (const [unit, size] of LONGER_THAN_SECONDS)
    if (seconds % size === 0) return `${seconds / size}${unit}`
  return `${seconds}s`
}
