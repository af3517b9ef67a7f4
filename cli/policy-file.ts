import { constants, open } from 'node:fs/promises'
import { UsageError } from './usage-error.ts'

/** The daemon reads no longer configuration file. */
const MAX_BYTES = 65_536

/**
 * The text of a file that is to become a configuration file.
 *
 * @throws UsageError when it cannot be read, is too long or not UTF-8
 */
export async function readPolicyFile(path: string): Promise<string> {
  const bytes = Buffer.alloc(MAX_BYTES + 1)
  const length = await readInto(path, bytes)
  if (length > MAX_BYTES) throw new UsageError(`"${path}" is longer than ${MAX_BYTES} bytes`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length))
  } catch {
    throw new UsageError(`"${path}" is not UTF-8`)
  }
}

async function readInto(path: string, bytes: Buffer): Promise<number> {
  try {
    // not blocking: whoever made a pipe of the file shall not make us wait for it
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      let length = 0
      for (let read = -1; read !== 0 && length < bytes.length; length += read)
        read = (await file.read(bytes, length, bytes.length - length, null)).bytesRead
      return length
    } finally {
      await file.close()
    }
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    throw new UsageError(`cannot read "${path}": ${code}`)
  }
}
