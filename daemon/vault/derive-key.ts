import { createHmac } from 'node:crypto'

/**
 * HKDF-SHA256 of 32 bytes. `hkdfSync` of Node copies the key it derives from into an object
 * that keeps it until the garbage is collected, which may be never; here every copy is wiped
 * before this returns. The caller wipes what comes back.
 *
 * @param key What is derived from; stays the caller's.
 * @see RFC 5869 §2.2 (extract), §2.3 (expand: one block)
 */
export function deriveKey(key: Uint8Array, salt: string, info: string): Buffer {
  const pseudorandom = createHmac('sha256', salt).update(key).digest()
  try {
    return createHmac('sha256', pseudorandom).update(info).update(FIRST_BLOCK).digest()
  } finally {
    pseudorandom.fill(0)
  }
}

const FIRST_BLOCK = Uint8Array.of(1)
