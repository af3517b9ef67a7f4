import { spawnSync } from 'node:child_process'
import { missing, type Needs, needs } from '../needs.ts'

/**
 * What makes namespaces for a program: `unshare` and its first arguments, which are more
 * for whoever is not root.
 */
export const UNSHARE: readonly string[] = [
  'unshare',
  ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
]

/** A pid namespace of its own, with a `/proc` that shows it; whatever is in it ends with it. */
export const OWN_PIDS: readonly string[] = ['--pid', '--fork', '--kill-child', '--mount-proc']

/** Set for a test file that runs in a system of its own: there its tests begin. */
export const INSIDE = 'GRANTD_TEST_INSIDE'

/** Options of a test that needs namespaces of its own, as {@link needs}. */
export function needsNamespaces(...names: readonly string[]): Needs {
  const options = needs('unshare', ...names)
  if (options.skip !== false) return options
  const [program = '', ...args] = UNSHARE
  return spawnSync(program, [...args, ...OWN_PIDS, 'true']).status === 0
    ? options
    : missing('needs namespaces of its own: run it as root')
}
