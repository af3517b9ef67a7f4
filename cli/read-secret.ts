import { UsageError } from './usage-error.ts'
import type { Input } from './world.ts'

/** No client secret or token comes near this; a longer input is the wrong file. */
export const MAX_SECRET_BYTES = 65_536

/**
 * Reads all of standard input and takes one line break from its end.
 *
 * @param what Names the secret in errors.
 * @throws UsageError when it is typed into a terminal (which would show it), empty, too long
 *   or not UTF-8
 */
export async function readSecret(stdin: Input, what: string): Promise<string> {
  if (stdin.isTTY === true) throw new UsageError(`${what} must come through a pipe`)
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stdin) {
    const part = Buffer.from(chunk)
    bytes += part.length
    if (bytes > MAX_SECRET_BYTES) throw new UsageError(`${what} on stdin is too long`)
    chunks.push(part)
  }
  const secret = decoded(Buffer.concat(chunks), what).replace(/\r?\n$/, '')
  if (secret === '') throw new UsageError(`${what} on stdin is empty`)
  return secret
}

/** Bytes that are no text would all come to the same replacement characters, which anybody can guess. */
function decoded(bytes: Buffer, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new UsageError(`${what} on stdin is not UTF-8`)
  }
}
