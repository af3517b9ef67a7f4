import { readdirSync } from 'node:fs'
import { closeOnExec } from './libc.ts'

const LAST_STANDARD_FD = 2

/** Where a system without /proc lists what is open. */
const ELSEWHERE: Readonly<Record<string, string>> = { darwin: '/dev/fd' }

/**
 * No program that we start gets a descriptor that somebody left open for us. What Node and
 * we open ourselves never reaches one; of what was open before, Node's own look ends at the
 * first gap above 15.
 */
export function keepDescriptorsFromChildren(): void {
  const names = readdirSync(ELSEWHERE[process.platform] ?? '/proc/self/fd')
  for (const fd of names.map(Number)) if (fd > LAST_STANDARD_FD) closeOnExec(fd)
}
