/** `setTimeout` fires at once past 2^31 ms; no wait of this room is longer than a login. */
const MAX_WAIT_MS = 3_600_000

/** Calls back once after that many milliseconds; what it returns takes that back. */
type Alarm = (ring: () => void, ms: number) => () => void

/**
 * Resolves after some time, or at once when the signal fires; never rejects.
 *
 * @param ms At most an hour counts.
 * @param alarm What knows the time; tests replace it.
 */
export function wait(ms: number, signal: AbortSignal, alarm: Alarm = systemAlarm): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const done = (): void => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = alarm(done, Math.min(ms, MAX_WAIT_MS))
    signal.addEventListener('abort', done)
  })
}

function systemAlarm(ring: () => void, ms: number): () => void {
  const timer = setTimeout(ring, ms)
  return () => clearTimeout(timer)
}
