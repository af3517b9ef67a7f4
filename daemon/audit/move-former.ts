import { lstatSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'

/** `audit.log` and `audit.log.1` to `audit.log.4`, as an earlier version wrote them. */
const FORMER = /^audit\.log(?:\.\d)?$/

/**
 * Moves the files of an earlier version to a directory of their own, readable as they were.
 *
 * @returns How many were moved; a link or anything else that is no file stays where it is.
 */
export function moveFormerLogs(stateDirectory: string, to: string): number {
  const files = readdirSync(stateDirectory).filter(
    (name) => FORMER.test(name) && lstatSync(join(stateDirectory, name)).isFile(),
  )
  if (files.length === 0) return 0
  mkdirSync(to, { recursive: true, mode: 0o700 })
  for (const name of files) renameSync(join(stateDirectory, name), join(to, name))
  return files.length
}
