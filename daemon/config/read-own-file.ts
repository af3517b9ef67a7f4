import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs'
import { textHash } from '../base/text-hash.ts'

/** Thirty times what a person would write, and read in a blink; a longer file is something else. */
const MAX_CONFIG_BYTES = 65_536

/** What lies at the path of a file that a person wrote. */
export type OwnFile =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'text'
      readonly text: string
      readonly hash: string
      /** Milliseconds since the epoch, by the kernel: nobody can set it. */
      readonly changedAt: number
    }
  | { readonly kind: 'unusable'; readonly what: string }

/**
 * Reads a file that must be ours or root's and that nobody else can write. Judges and reads one
 * and the same file, whatever happens to its name meanwhile.
 *
 * @param uid Whose it may be, besides root's.
 */
export function readOwnFile(path: string, uid: number): OwnFile {
  let fd: number
  try {
    // not blocking: whoever made a pipe of the file shall not make us wait for it
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') return unusable(`cannot be read: ${codeOf(error)}`)
    return isLink(path) ? unusable('is a symbolic link to nothing') : { kind: 'absent' }
  }
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile()) return unusable('is not a file')
    if (stats.uid !== uid && stats.uid !== 0) return unusable(`belongs to uid ${stats.uid}`)
    if ((stats.mode & 0o022) !== 0) return unusable('can be written by others; chmod go-w')
    return textOf(fd)
  } finally {
    closeSync(fd)
  }
}

/** Reads what a person may have written and not a byte more, whatever size the file states. */
function textOf(fd: number): OwnFile {
  const bytes = Buffer.allocUnsafe(MAX_CONFIG_BYTES + 1)
  let length = 0
  for (let read = -1; read !== 0 && length < bytes.length; length += read)
    read = readSync(fd, bytes, length, bytes.length - length, null)
  if (length > MAX_CONFIG_BYTES) return unusable(`is longer than ${MAX_CONFIG_BYTES} bytes`)
  const content = bytes.subarray(0, length)
  const hash = textHash(content)
  // not before: somebody may have written while we read
  const { ctimeMs: changedAt } = fstatSync(fd)
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content)
    return { kind: 'text', text, hash, changedAt }
  } catch {
    // what cannot be read as text might have been a rule
    return unusable('is not UTF-8')
  }
}

/** A link to nothing is not the same as no file: somebody meant to say something. */
function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}

/** A file that nothing may be taken from, and why. */
export function unusable(what: string): OwnFile {
  return { kind: 'unusable', what }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown'
}
