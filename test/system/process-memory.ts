import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

/** Read at once; what lies across two reads is found too. */
const STEP_BYTES = 4_194_304

/**
 * Counts where bytes stand in the memory of a process, in all of it that can be read:
 * heap, stacks, libraries.
 *
 * @see proc(5): `/proc/PID/maps`, `/proc/PID/mem`
 */
export function countInMemory(pid: number, needles: readonly Buffer[]): readonly number[] {
  const counts = needles.map(() => 0)
  const longest = Math.max(...needles.map(({ length }) => length))
  const fd = openSync(`/proc/${pid}/mem`, 'r')
  const buffer = Buffer.allocUnsafeSlow(STEP_BYTES + longest)
  try {
    for (const { start, end } of readableRegions(pid))
      for (let at = start; at < end; at += STEP_BYTES) {
        const length = readAt(fd, buffer, at, Math.min(STEP_BYTES + longest - 1, end - at))
        for (const [i, needle] of needles.entries())
          counts[i] = (counts[i] ?? 0) + countIn(buffer.subarray(0, length), needle, STEP_BYTES)
      }
  } finally {
    closeSync(fd)
  }
  return counts
}

interface Region {
  readonly start: number
  readonly end: number
}

function readableRegions(pid: number): readonly Region[] {
  return readFileSync(`/proc/${pid}/maps`, 'latin1')
    .split('\n')
    .flatMap((line) => {
      const [, start, end, name = ''] =
        /^([0-9a-f]+)-([0-9a-f]+) r\S+ \S+ \S+ \S+\s*(.*)$/.exec(line) ?? []
      if (start === undefined || end === undefined || /^\[v(var|syscall)/.test(name)) return []
      return [{ start: Number.parseInt(start, 16), end: Number.parseInt(end, 16) }]
    })
}

/** A region may go while it is read: then there is nothing in it. */
function readAt(fd: number, buffer: Buffer, at: number, length: number): number {
  try {
    return readSync(fd, buffer, 0, length, at)
  } catch {
    return 0
  }
}

/** Occurrences that begin before `end`; a later one is the next read's. */
function countIn(bytes: Buffer, needle: Buffer, end: number): number {
  let count = 0
  for (let at = bytes.indexOf(needle); at >= 0 && at < end; at = bytes.indexOf(needle, at + 1))
    count += 1
  return count
}
