import { readFileSync } from 'node:fs'

/**
 * How many files this process may have open at once; Node has raised the soft limit to
 * the hard one by then. `undefined` when it cannot be read, as on macOS.
 *
 * @see proc_pid_limits(5)
 */
export function descriptorLimit(path = '/proc/self/limits'): number | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return undefined // no /proc: the usual limits are far above our own caps
  }
  const soft = /^Max open files\s+(\d+|unlimited)\s/m.exec(text)?.[1]
  if (soft === 'unlimited') return Number.POSITIVE_INFINITY
  return soft === undefined ? undefined : Number(soft)
}
