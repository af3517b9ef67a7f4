import { constants } from 'node:fs'
import { lstat, open, realpath } from 'node:fs/promises'
import { within } from './within.ts'

/** What stands at a path; symbolic links are not followed. */
export type PathFact =
  | { readonly kind: 'missing' }
  | Unreadable
  | {
      readonly kind: 'present'
      readonly type: 'directory' | 'socket' | 'other'
      /** Permission bits, 0 to 0o777. */
      readonly mode: number
      readonly uid: number
    }

/** The text of a file. */
export type TextFact =
  | { readonly kind: 'missing' }
  | Unreadable
  | { readonly kind: 'text'; readonly text: string }

interface Unreadable {
  readonly kind: 'unreadable'
  readonly detail: string
}

/** A local file answers in microseconds; one on a server that is gone never does. */
const DEADLINE_MS = 2_000

/** Longer than any file that is read here. */
const MAX_TEXT_BYTES = 65_536

const LATE: Unreadable = { kind: 'unreadable', detail: 'no answer from its file system' }

/** Looks at a path. */
export function look(path: string): Promise<PathFact> {
  return guarded(async () => {
    const stats = await lstat(path)
    const type = stats.isDirectory() ? 'directory' : stats.isSocket() ? 'socket' : 'other'
    return { kind: 'present', type, mode: stats.mode & 0o777, uid: stats.uid }
  })
}

/** Reads the beginning of a file, and waits for nobody who should write to it first. */
export function readText(path: string): Promise<TextFact> {
  return guarded(async () => {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    try {
      if (!(await file.stat()).isFile()) return { kind: 'unreadable', detail: 'not a file' }
      const bytes = Buffer.alloc(MAX_TEXT_BYTES)
      let length = 0
      while (length < bytes.length) {
        const { bytesRead } = await file.read(bytes, length)
        if (bytesRead === 0) break
        length += bytesRead
      }
      return { kind: 'text', text: bytes.toString('utf8', 0, length) }
    } finally {
      await file.close()
    }
  })
}

/** The path without symbolic links on the way; `undefined` where nothing is, or nothing that can be reached. */
export async function realPath(path: string): Promise<string | undefined> {
  const found = realpath(path).catch(() => undefined) // what is in the way does not matter to anybody
  return await within(DEADLINE_MS, found, undefined)
}

async function guarded<T>(
  work: () => Promise<T>,
): Promise<T | Unreadable | { readonly kind: 'missing' }> {
  try {
    return await within(DEADLINE_MS, work(), LATE)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? { kind: 'missing' } : { kind: 'unreadable', detail: message }
  }
}
