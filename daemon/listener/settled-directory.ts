import { lstatSync } from 'node:fs'
import { resolve } from 'node:path'
import { requirePrivateDirectory } from '../base/private-directory.ts'

const ROOT = 0

/** Who can write to a directory can put another socket in the place of what was bound. */
const WRITABLE_BY_OTHERS = 0o022

/**
 * Makes sure that nobody else can exchange what somebody has bound for us: the directory is
 * ours alone, or root's, and nobody else can write to it.
 *
 * @param uid Our own effective uid.
 * @throws StartupError
 */
export function requireSettledDirectory(path: string, uid: number): void {
  // with a slash at its end the name of a link means what it points to
  const stats = lstatSync(resolve(path), { throwIfNoEntry: false })
  const isRoots = stats?.isDirectory() === true && stats.uid === ROOT
  if (isRoots && (stats.mode & WRITABLE_BY_OTHERS) === 0) return
  requirePrivateDirectory(path, uid)
}
