/** Longest wait in seconds an issuer can ask for: past an hour we rather ask again. */
const MAX_RETRY_AFTER_SECONDS = 3600

/**
 * @param header Value of `Retry-After`: seconds or a date.
 * @param now Milliseconds since the epoch.
 * @returns Whole seconds, 0 to 3600; absent when there is no header or it says nothing.
 * @see RFC 9110 §10.2.3
 */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text), MAX_RETRY_AFTER_SECONDS)
  // A date begins with the name of a day; without this `Date` takes almost anything.
  const at = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at)) return undefined
  return Math.min(Math.max(Math.ceil((at - now) / 1000), 0), MAX_RETRY_AFTER_SECONDS)
}
