import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { writeDurable } from '../platform/durable-file.ts'
import type { Head } from './chain.ts'
import { type ChainKey, restoredKey, storedKey } from './chain-key.ts'
import { requireOwnFile, unusable } from './own-file.ts'

/** What is known of a log beside the log itself. */
export interface KeyState {
  /** A line that was on the disk for certain when this was written. */
  readonly head: Head
  readonly current: ChainKey
  /** While one key hands over to the next: either may have written the last line. */
  readonly next?: ChainKey
}

/** Two keys and a head take 600 bytes. */
const MAX_KEY_FILE_BYTES = 4_096

/**
 * @returns undefined when there is none
 * @throws GrantdError `audit_unavailable` when it is not ours alone, or broken
 */
export function readKeyFile(path: string, uid: number): KeyState | undefined {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  let fd: number
  try {
    fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    requireOwnFile(fstatSync(fd), path, uid)
    const bytes = Buffer.alloc(MAX_KEY_FILE_BYTES)
    const length = readSync(fd, bytes, 0, bytes.length, 0)
    return parseKeyState(bytes.toString('latin1', 0, length), path)
  } finally {
    closeSync(fd)
  }
}

/** Replaces the file durably; what it held before is gone from it. */
export async function writeKeyFile(path: string, state: KeyState): Promise<void> {
  const { head, current, next } = state
  const text = JSON.stringify({
    version: 1,
    seq: head.seq,
    head: head.hash,
    current: storedKey(current),
    ...(next && { next: storedKey(next) }),
  })
  await writeDurable(path, Buffer.from(`${text}\n`))
}

function parseKeyState(text: string, path: string): KeyState {
  try {
    const { version, seq, head, current, next } = JSON.parse(text)
    if (version !== 1 || !Number.isSafeInteger(seq) || !/^[0-9a-f]{64}$/.test(head))
      throw new TypeError('not a key file')
    return {
      head: { seq, hash: head },
      current: restoredKey(current),
      ...(next !== undefined && { next: restoredKey(next) }),
    }
  } catch {
    // the parser's own words may repeat a key
    throw unusable(
      `"${path}" is broken`,
      `move "${path}" away: the log goes on under a new key, and says so`,
    )
  }
}
