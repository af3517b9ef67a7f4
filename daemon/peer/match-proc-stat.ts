import { CODE, type ProcessStat, START_TIME } from './parse-proc-stat.ts'

const SPACE = 32
const CLOSING = 41
const LINE_END = 10
const DEAD = 88
const ZOMBIE = 90

/**
 * Whether a process is alive, and is the one that was seen, running what it ran then: the
 * answer that comparing two parsed files gives, and asked with every token.
 *
 * @param bytes Begins with the whole of `/proc/<pid>/stat`.
 * @param size How long that is.
 * @returns False also when the text is not of that form.
 */
export function isStill(seen: ProcessStat, bytes: Uint8Array, size: number): boolean {
  let at = size - 1
  while (at >= 0 && bytes[at] !== CLOSING) at -= 1
  if (at < 0) return false
  at += 2
  if (bytes[at] === ZOMBIE || bytes[at] === DEAD || bytes[at + 1] !== SPACE) return false
  at = skip(bytes, at, size, START_TIME)
  if (!holds(bytes, at, size, seen.startTime)) return false
  at = skip(bytes, at, size, CODE - START_TIME)
  return holds(bytes, at, size, seen.image)
}

/** Where the field begins that comes so many later. */
function skip(bytes: Uint8Array, from: number, size: number, fields: number): number {
  let at = from
  for (let left = fields; left > 0 && at < size; at += 1) if (bytes[at] === SPACE) left -= 1
  return at
}

function holds(bytes: Uint8Array, from: number, size: number, text: string): boolean {
  const end = from + text.length
  if (end >= size || (bytes[end] !== SPACE && bytes[end] !== LINE_END)) return false
  for (let i = 0; i < text.length; i += 1) if (bytes[from + i] !== text.charCodeAt(i)) return false
  return true
}
