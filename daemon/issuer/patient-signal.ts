/** A signal that gives what was sent a chance to be answered. */
export interface PatientSignal {
  readonly signal: AbortSignal
  /** Nothing is waited for any more: the other signal is let go of. */
  readonly release: () => void
}

/**
 * A signal that fires a while after another one: an answer that is on its way when somebody
 * gives up may hold a refresh token, and unread it would live on at the issuer.
 *
 * @param ms How long after.
 */
export function patientSignal(impatient: AbortSignal, ms: number): PatientSignal {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const begin = (): void => {
    timer = setTimeout(() => controller.abort(impatient.reason), ms)
  }
  if (impatient.aborted) begin()
  else impatient.addEventListener('abort', begin, { once: true })
  return {
    signal: controller.signal,
    release: () => {
      clearTimeout(timer)
      impatient.removeEventListener('abort', begin)
    },
  }
}
