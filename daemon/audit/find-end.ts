import { closeSync, readSync } from 'node:fs'
import { type Head, hashOf, type Link, linkOf } from './chain.ts'
import { type LogEntry, openToRead } from './log-directory.ts'

/** A line that was cut short: whoever verifies knows it again by this. */
export interface Fragment {
  readonly bytes: number
  readonly sha256: string
}

/** A line near the end of a log. */
interface EndLine {
  readonly link: Link
  readonly head: Head
}

/** How a log ends. */
export interface LogEnd {
  /** The last whole lines of the newest file that has any, the newest first. */
  readonly lines: readonly EndLine[]
  /** True when the newest file ends without a line end. */
  readonly isTorn: boolean
  /**
   * What stands behind its last whole line, each byte one character, line ends included where
   * one cut followed another; absent when it is too long to be ours.
   */
  readonly fragment?: string
}

/** Three of the longest lines, so that at least two are whole; nor is a fragment longer. */
export const TAIL_BYTES = 65_536

const NOTHING: LogEnd = { lines: [], isTorn: false }

/** Looks how a log ends. */
export function findEnd(files: readonly LogEntry[], uid: number): LogEnd {
  let end = NOTHING
  for (const [index, file] of files.toReversed().entries()) {
    const found = endOf(file, uid)
    // only the newest can be cut short by us: we end a line before we leave its file
    end = index === 0 ? found : { ...end, lines: found.lines }
    if (end.lines.length > 0) break
  }
  return end
}

/** Looks how one file ends. */
export function endOf(file: LogEntry, uid: number): LogEnd {
  const { text, isWhole } = tailOf(file, uid)
  const [first = '', ...rest] = text.split('\n')
  const parts = isWhole ? [first, ...rest] : rest
  const last = isWhole || rest.length > 0 ? (parts.pop() ?? '') : undefined
  const lines = parts.toReversed().flatMap(endLines)
  if (last === '') return { lines, isTorn: false }
  if (last === undefined) return { lines, isTorn: true }
  // a line that lacks nothing but its end gets it with the next one
  const unended = endLines(last)
  if (unended.length > 0) return { lines: [...unended, ...lines], isTorn: true }
  const whole = parts.findLastIndex((line) => linkOf(line) !== undefined)
  if (whole === -1 && !isWhole) return { lines, isTorn: true }
  return { lines, isTorn: true, fragment: [...parts.slice(whole + 1), last].join('\n') }
}

function endLines(line: string): readonly EndLine[] {
  const link = linkOf(line)
  return link === undefined ? [] : [{ link, head: { seq: link.seq, hash: hashOf(`${line}\n`) } }]
}

/** @param text Each byte one character. */
export function fragmentOf(text: string): Fragment {
  return { bytes: text.length, sha256: hashOf(text) }
}

function tailOf(file: LogEntry, uid: number): { readonly text: string; readonly isWhole: boolean } {
  const fd = openToRead(file.path, uid)
  try {
    const bytes = Buffer.alloc(Math.min(TAIL_BYTES, file.size))
    const length = readSync(fd, bytes, 0, bytes.length, file.size - bytes.length)
    return { text: bytes.toString('latin1', 0, length), isWhole: length === file.size }
  } finally {
    closeSync(fd)
  }
}
