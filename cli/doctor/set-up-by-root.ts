import type { DoctorFacts } from './facts.ts'
import { type Finding, ok } from './finding.ts'

/**
 * True where root has the machine's service manager run the daemon, under another uid: the
 * directory of the sockets is where root makes it, and nobody else can exchange anything in it.
 */
export function isSetUpByRoot({ directory, uid }: Pick<DoctorFacts, 'directory' | 'uid'>): boolean {
  const { path, fact } = directory
  if (path !== `/run/grantd/${uid}`) return false
  if (fact.kind !== 'present' || fact.type !== 'directory') return false
  return fact.uid === 0 && (fact.mode & 0o022) === 0
}

/** The units are not the user's own, and end with no session. */
export function judgeRootsService(): Finding[] {
  return [ok('root has the machine run the daemon, under a uid of its own')]
}

/** What helps where it does not answer: the user can start nothing. */
export function adviceOfRoot(uid: number): string {
  return `have root look: systemctl status grantd@${uid}.service grantd@${uid}.socket`
}
