import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { errorCode } from './error-code.ts'

/** No small file of a vault comes near it. */
const MAX_BYTES = 65_536

/**
 * Reads a file of a few bytes that somebody else may have put there: a link is not followed,
 * a pipe is not waited for, and what cannot be ours counts as there and empty.
 *
 * @returns undefined when there is nothing.
 * @throws The error of a system call.
 */
export async function readSmallFile(path: string): Promise<Buffer | undefined> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error
    return undefined
  })
  if (handle === undefined) return undefined
  try {
    const stats = await handle.stat()
    if (!stats.isFile() || stats.size > MAX_BYTES) return Buffer.alloc(0)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}
