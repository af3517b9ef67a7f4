import { readFileSync, readlinkSync } from 'node:fs'
import { parseStartTime } from './parse-proc-stat.ts'

/** What can be learned of a process beyond the kernel's word on the socket. */
export interface ProcessTable {
  executable(pid: number): string | undefined
  /** Clock ticks since boot; the pair of pid and start time names one process. */
  startTime(pid: number): string | undefined
  /** Links of the pid, user and mnt namespaces. */
  namespaces(pid: number | 'self'): readonly (string | undefined)[]
}

const NAMESPACES = ['pid', 'user', 'mnt']

/** Reads `/proc`. Whatever cannot be read is `undefined`: the process is gone or not ours. */
export const procTable: ProcessTable = {
  executable: (pid) => orUndefined(() => readlinkSync(`/proc/${pid}/exe`)),
  startTime: (pid) =>
    orUndefined(() => parseStartTime(readFileSync(`/proc/${pid}/stat`, 'latin1'))),
  namespaces: (pid) =>
    NAMESPACES.map((name) => orUndefined(() => readlinkSync(`/proc/${pid}/ns/${name}`))),
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    // ENOENT, ESRCH, EACCES: an absent fact is a fact, and it never helps the peer
    return undefined
  }
}
