import { closeSync, lstatSync, openSync, readlinkSync, readSync } from 'node:fs'
import { leadsTo, pathBytes } from '../platform/libc.ts'
import { isStill } from './match-proc-stat.ts'
import { type ProcessStat, parseProcStat } from './parse-proc-stat.ts'
import { terminalPath } from './terminal-path.ts'

/**
 * What can be learned of a process beyond the kernel's word on the socket. None of it
 * asks a file system other than `/proc` and `/dev`: whoever runs a program off one of
 * their own (FUSE) could let us wait for as long as they like.
 */
export interface ProcessTable {
  /** Takes hold of the process that has the pid now. */
  hold(pid: number): HeldProcess | undefined
  stat(pid: number): ProcessStat | undefined
  executable(pid: number): string | undefined
  /** Makes what tells, as often as it is asked, whether `executable(pid)` still is what it was. */
  keepsRunning(pid: number, executable: string | undefined): () => boolean
  /** Links of the pid, user and mnt namespaces. */
  namespaces(pid: number | 'self'): readonly (string | undefined)[]
  /** Text of its cgroup file, one character a byte. */
  cgroup(pid: number): string | undefined
  /** Text of its status file, one character a byte. */
  status(pid: number): string | undefined
  /** Path of the terminal with this device number, where it is there and belongs to `uid`. */
  terminal(device: number, uid: number): string | undefined
}

/**
 * One process, whoever gets its pid after it: an open file below `/proc` belongs to the
 * process and not to the number, and reading it fails when the process is gone.
 */
export interface HeldProcess {
  /** As it is now. */
  stat(): ProcessStat | undefined
  /** True while it lives and runs what it ran when this was seen of it. */
  isStill(seen: ProcessStat): boolean
  /** Lets go of the descriptor. */
  release(): void
}

const NAMESPACES = ['pid', 'user', 'mnt']

/** The files we read have a few hundred bytes; one that does not fit is as good as unreadable. */
const buffer = Buffer.allocUnsafeSlow(8_192)

/** Reads `/proc`. Whatever cannot be read is `undefined`: the process is gone or not ours. */
export const procTable: ProcessTable = {
  hold: (pid) => orUndefined(() => holdStat(openSync(`/proc/${pid}/stat`, 'r'))),
  stat: (pid) => parseProcStat(readProc(pid, 'stat') ?? ''),
  executable: (pid) => orUndefined(() => utf8Only(readlinkSync(`/proc/${pid}/exe`))),
  keepsRunning(pid, executable) {
    // what could not be read must not be readable now
    if (executable === undefined) return () => procTable.executable(pid) === undefined
    const link = pathBytes(`/proc/${pid}/exe`)
    const target = Buffer.from(executable)
    return () => leadsTo(link, target)
  },
  namespaces: (pid) =>
    NAMESPACES.map((name) => orUndefined(() => readlinkSync(`/proc/${pid}/ns/${name}`))),
  cgroup: (pid) => readProc(pid, 'cgroup'),
  status: (pid) => readProc(pid, 'status'),
  terminal: (device, uid) => {
    const path = terminalPath(device)
    if (path === undefined) return undefined
    const found = orUndefined(() => lstatSync(path))
    return found?.isCharacterDevice() && found.rdev === device && found.uid === uid
      ? path
      : undefined
  },
}

function holdStat(fd: number): HeldProcess {
  let isHeld = true
  return {
    // afterwards the number may name another file
    stat: () => (isHeld ? parseProcStat(orUndefined(() => readText(fd)) ?? '') : undefined),
    isStill: (seen) => {
      if (!isHeld) return false
      try {
        const size = readSync(fd, buffer, 0, buffer.length, 0)
        return size < buffer.length && isStill(seen, buffer, size)
      } catch {
        return false // ESRCH: it is gone
      }
    },
    release: () => {
      if (isHeld) closeSync(fd)
      isHeld = false
    },
  }
}

function readProc(pid: number, name: string): string | undefined {
  return orUndefined(() => {
    const fd = openSync(`/proc/${pid}/${name}`, 'r')
    try {
      return readText(fd)
    } finally {
      closeSync(fd)
    }
  })
}

/** Half the cost of `readFileSync`, which asks for a size that `/proc` does not know. */
function readText(fd: number): string | undefined {
  const size = readSync(fd, buffer, 0, buffer.length, 0)
  return size < buffer.length ? buffer.toString('latin1', 0, size) : undefined
}

/** Two names that are no text would read as the same one. */
function utf8Only(path: string): string | undefined {
  return path.includes('\ufffd') ? undefined : path
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    // ENOENT, ESRCH, EACCES: an absent fact is a fact, and it never helps the peer
    return undefined
  }
}
