import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { requireOwnFile } from './own-file.ts'

/** A line and where it stands. */
export interface ReadLine {
  /** Each byte one character, without its end; cut where it is too long to be one of ours. */
  readonly text: string
  /** Of its first byte. */
  readonly offset: number
  /** Of the first byte after its end. */
  readonly end: number
  /** False for what stands behind the last line end. */
  readonly isEnded: boolean
}

/** What is read at once: some hundred lines, less than a millisecond's work. */
const CHUNK_BYTES = 131_072

/** The longest line of ours is a quarter of it. */
const MAX_LINE_BYTES = 65_536

const NEWLINE = 0x0a

/**
 * The lines of a file from an offset on, in batches; between two of them others get their
 * turn. A file that grows meanwhile is read as far as it was.
 *
 * @param size Where to stop.
 * @throws GrantdError `audit_unavailable` when the file is not ours alone
 */
export async function* readLines(
  path: string,
  uid: number,
  from: number,
  size: number,
): AsyncGenerator<readonly ReadLine[], void, undefined> {
  const handle = await openOwn(path, uid)
  try {
    let begun = { text: '', offset: from }
    const chunk = Buffer.alloc(CHUNK_BYTES)
    for (let at = from; at < size; ) {
      const wanted = Math.min(CHUNK_BYTES, size - at)
      const { bytesRead } = await handle.read(chunk, 0, wanted, at)
      if (bytesRead === 0) break
      const { lines, rest } = split(chunk.subarray(0, bytesRead), at, begun)
      at += bytesRead
      begun = rest
      if (lines.length > 0) yield lines
    }
    if (begun.offset < size && begun.text !== '') yield [{ ...begun, end: size, isEnded: false }]
  } finally {
    await handle.close()
  }
}

/** Opens a file of the log to read it, and waits for nobody at the other end of a pipe. */
async function openOwn(path: string, uid: number): Promise<FileHandle> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    requireOwnFile(await handle.stat(), path, uid)
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

interface Begun {
  readonly text: string
  readonly offset: number
}

function split(
  bytes: Buffer,
  at: number,
  before: Begun,
): { readonly lines: readonly ReadLine[]; readonly rest: Begun } {
  const lines: ReadLine[] = []
  let { text, offset } = before
  let from = 0
  for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
    const line = joined(text, bytes.subarray(from, end))
    lines.push({ text: line, offset, end: at + end + 1, isEnded: true })
    text = ''
    from = end + 1
    offset = at + from
  }
  return { lines, rest: { text: joined(text, bytes.subarray(from)), offset } }
}

function joined(text: string, bytes: Buffer): string {
  return text + bytes.toString('latin1', 0, Math.max(0, MAX_LINE_BYTES - text.length))
}
