import type { Ancestor } from './peer.ts'
import type { ProcessTable } from './process-table.ts'

/** An editor's shell in a terminal in a session: enough to recognise, few enough to show. */
const MAX_ANCESTORS = 8

/**
 * The chain of parents, the nearest first; it ends at pid 1, at a process of another pid
 * namespace, or where a process was gone before it was looked at.
 */
export function readAncestors(processes: ProcessTable, pid: number): readonly Ancestor[] {
  const chain: Ancestor[] = []
  let parent = processes.stat(pid)?.parentPid ?? 0
  while (parent > 0 && chain.length < MAX_ANCESTORS) {
    const stat = processes.stat(parent)
    if (stat === undefined) break
    const executable = processes.executable(parent)
    chain.push({ pid: parent, ...(executable !== undefined && { executable }) })
    parent = stat.parentPid
  }
  return chain
}
