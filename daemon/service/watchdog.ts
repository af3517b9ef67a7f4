import type { ServiceManager } from './service-manager.ts'

/** So often within the time a manager allows: one that comes late costs nothing. */
const PER_DEADLINE = 3

/**
 * Tells the manager that we are alive, as long as a look at ourselves succeeds. The timer
 * itself shows that the event loop goes round: where it hangs, nothing is told.
 *
 * @param check Looks at what must work, and says how it is in a sentence; rejects, or never
 *   resolves, where it does not.
 * @param onTrouble Hears why nothing is told, once until it is well again.
 * @returns What stops it.
 */
export function feedWatchdog(
  manager: Pick<ServiceManager, 'watchdogMs' | 'alive'>,
  check: () => Promise<string>,
  onTrouble: (error: unknown) => void,
): () => void {
  const { watchdogMs } = manager
  if (watchdogMs === undefined) return () => undefined
  let isChecking = false
  let isTold = false
  const look = async (): Promise<void> => {
    if (isChecking) return
    isChecking = true
    try {
      manager.alive(await check())
      isTold = false
    } catch (error) {
      if (!isTold) onTrouble(error)
      isTold = true
    } finally {
      isChecking = false
    }
  }
  const timer = setInterval(() => void look(), watchdogMs / PER_DEADLINE)
  return () => clearInterval(timer)
}
