/** `setTimeout` fires at once past 2^31 ms; no wait of this room is longer than a login. */
const MAX_WAIT_MS = 3_600_000

/** Resolves after some time, or at once when the signal fires; never rejects. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, Math.min(ms, MAX_WAIT_MS))
    signal.addEventListener('abort', done)
  })
}
