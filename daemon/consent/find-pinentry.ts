import { accessSync, constants, statSync } from 'node:fs'

/** Where a pinentry lies; on a Mac the one with a window first. */
const USUAL_PATHS = [
  '/opt/homebrew/bin/pinentry-mac',
  '/usr/local/bin/pinentry-mac',
  '/usr/bin/pinentry',
  '/usr/local/bin/pinentry',
]

/**
 * Whether a prompt program is one that nobody but its user and root can replace.
 *
 * @param uid Our own effective uid.
 * @returns What is wrong with it; `undefined` when it may be started.
 */
export function programProblem(path: string, uid: number): string | undefined {
  if (!path.startsWith('/')) return `"${path}" is not an absolute path`
  try {
    const stats = statSync(path)
    if (!stats.isFile()) return `"${path}" is not a file`
    if (stats.uid !== 0 && stats.uid !== uid) return `"${path}" belongs to uid ${stats.uid}`
    if ((stats.mode & 0o022) !== 0) return `"${path}" can be written by others`
    accessSync(path, constants.X_OK)
    return undefined
  } catch (error) {
    return `"${path}" cannot be used: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`
  }
}

/**
 * The pinentry to ask with: the one that was named and no other, else the first of the usual ones.
 *
 * @param named As the configuration names it.
 */
export function findPinentry(
  named: string | undefined,
  uid: number,
  usual: readonly string[] = USUAL_PATHS,
): { readonly path: string } | { readonly problem: string } {
  if (named !== undefined) {
    const problem = programProblem(named, uid)
    return problem === undefined ? { path: named } : { problem: `pinentry: ${problem}` }
  }
  const path = usual.find((one) => programProblem(one, uid) === undefined)
  return path === undefined ? { problem: 'no pinentry is installed' } : { path }
}
