import { lstatSync, type Stats } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { StartupError } from '../base/startup-error.ts'

/** Who can write to a directory can put another socket in the place of ours. */
const WRITABLE_BY_OTHERS = 0o022

/** What else is there for others in a directory of our own. */
const OPEN_TO_OTHERS = 0o077

/**
 * Makes sure that nobody else can put anything at the path of a socket, and that nobody
 * else gets as far as the socket unless it is for a group.
 *
 * @param path Absolute path of the socket; its directory must be there.
 * @param isForGroup Others may pass through the directory then.
 * @throws StartupError
 */
export function requireSocketDirectory(path: string, uid: number, isForGroup: boolean): void {
  const directory = dirname(resolve(path))
  const stats = lstatSync(directory, { throwIfNoEntry: false })
  const [what, hint] = judge(stats, uid, isForGroup) ?? []
  if (what !== undefined)
    throw new StartupError(
      `the directory "${directory}" ${what}`,
      hint?.replace('DIR', `"${directory}"`),
    )
}

function judge(
  stats: Stats | undefined,
  uid: number,
  isForGroup: boolean,
): readonly [what: string, hint: string] | undefined {
  if (stats === undefined) return ['is not there', 'mkdir -m 700 DIR']
  if (stats.isSymbolicLink()) return ['is a symbolic link', 'name the directory itself']
  if (!stats.isDirectory()) return ['is not a directory', 'name another path']
  if (stats.uid !== uid) return [`belongs to uid ${stats.uid}`, 'use a directory of your own']
  if ((stats.mode & WRITABLE_BY_OTHERS) !== 0)
    return ['can be written to by others', 'chmod go-w DIR']
  if (!isForGroup && (stats.mode & OPEN_TO_OTHERS) !== 0)
    return ['is open to others', 'chmod 700 DIR']
  return undefined
}
