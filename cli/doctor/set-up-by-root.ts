import { type Finding, ok } from './finding.ts'
import type { PathFact } from './look.ts'

/**
 * True where root has the machine's service manager run the daemon, under another uid: the
 * directory of the sockets is root's, and nobody else can exchange anything in it.
 *
 * @param directory Of the sockets.
 */
export function isSetUpByRoot(directory: PathFact): boolean {
  if (directory.kind !== 'present' || directory.type !== 'directory') return false
  return directory.uid === 0 && (directory.mode & 0o022) === 0
}

/** The units are not the user's own, and end with no session. */
export function judgeRootsService(): Finding[] {
  return [ok('root has the machine run the daemon, under a uid of its own')]
}

/** What helps where it does not answer: the user can start nothing. */
export function adviceOfRoot(uid: number): string {
  return `have root look: systemctl status grantd@${uid}.service grantd@${uid}.socket`
}
