import { lstatSync, mkdirSync, type Stats } from 'node:fs'
import { resolve } from 'node:path'
import { StartupError } from './startup-error.ts'

/**
 * Makes sure that nobody else can put files where ours are: creates the directory
 * with mode 0700 when it is missing, and refuses one that is a symbolic link, that
 * belongs to somebody else, or that is wider than 0700.
 *
 * @param uid Our own effective uid.
 * @throws StartupError
 */
export function requirePrivateDirectory(path: string, uid: number): void {
  // with a slash at its end the name of a link means what it points to
  const stats = makeAndLook(resolve(path))
  if (typeof stats === 'string') throw new StartupError(`"${path}" cannot be made: ${stats}`)
  const problem = judgeDirectory(stats, uid)
  if (problem !== undefined) throw new StartupError(`"${path}" ${problem.what}`, problem.hint(path))
}

/** @returns The code of the error when nothing is there and nothing can be made. */
function makeAndLook(path: string): Stats | string {
  let code = 'unknown'
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    code = (error as NodeJS.ErrnoException).code ?? code
  }
  try {
    return lstatSync(path)
  } catch {
    return code
  }
}

interface DirectoryProblem {
  readonly what: string
  readonly hint: (path: string) => string
}

/** What is wrong with a directory that should be ours alone. */
export function judgeDirectory(stats: Stats, uid: number): DirectoryProblem | undefined {
  if (stats.isSymbolicLink())
    return { what: 'is a symbolic link', hint: () => 'name the directory itself' }
  if (!stats.isDirectory())
    return { what: 'is not a directory', hint: (path) => `move "${path}" away` }
  if (stats.uid !== uid)
    return {
      what: `belongs to uid ${stats.uid}`,
      hint: () => 'use a directory of your own: --runtime-dir, --state-dir',
    }
  if ((stats.mode & 0o077) !== 0)
    return {
      what: `is open to others (mode ${(stats.mode & 0o777).toString(8)})`,
      hint: (path) => `chmod 700 "${path}"`,
    }
  return undefined
}
