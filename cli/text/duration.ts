/** Units of a duration, in seconds. */
const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * A duration in at most two units, cut off and not rounded: `45 s`, `5 min`, `2 h 10 min`, `3 d 4 h`.
 *
 * @param seconds Negative, and what is no number, counts as 0.
 */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds)) || 0
  if (whole < MINUTE) return `${whole} s`
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`
  if (whole < DAY) return two(whole, HOUR, 'h', MINUTE, 'min')
  return two(whole, DAY, 'd', HOUR, 'h')
}

/** A count down: `14:05`, minutes and seconds; negative counts as 0. */
export function countDown(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds))
  return `${Math.floor(whole / MINUTE)}:${String(whole % MINUTE).padStart(2, '0')}`
}

function two(
  whole: number,
  big: number,
  bigName: string,
  small: number,
  smallName: string,
): string {
  const rest = Math.floor((whole % big) / small)
  const first = `${Math.floor(whole / big)} ${bigName}`
  return rest === 0 ? first : `${first} ${rest} ${smallName}`
}
