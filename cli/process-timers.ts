import type { Timers } from './world.ts'

/** `setTimeout` counts in 32 bits: beyond this it would fire at once. */
const MAX_TIMER_MS = 2_147_483_647

/** The machine's clock and timers. */
export const processTimers: Timers = {
  now: () => Date.now(),
  offsetMinutes: (atMs) => -new Date(atMs).getTimezoneOffset(),
  every(ms, tick) {
    const timer = setInterval(tick, ms)
    return () => clearInterval(timer)
  },
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (ms <= 0 || signal.aborted) return resolve()
      const finish = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', finish)
        resolve()
      }
      const timer = setTimeout(finish, Math.min(ms, MAX_TIMER_MS))
      signal.addEventListener('abort', finish)
    }),
}
