import { createHash } from 'node:crypto'

/** SHA-256 in 64 hexadecimal digits, as `sha256sum` prints it. */
export function textHash(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex')
}
