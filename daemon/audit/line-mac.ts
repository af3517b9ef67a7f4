import { hash, type KeyObject } from 'node:crypto'

/** SHA-256 works on blocks of so many bytes. */
const BLOCK_BYTES = 64

const DIGEST_BYTES = 32

/** Half of a SHA-256: nobody guesses 128 bits, and lines stay short. */
const MAC_DIGITS = 32

/** Longer than any line; one that is longer all the same gets room of its own. */
const USUAL_BYTES = 20_000

/**
 * The mac of lines: the first half of an HMAC-SHA256. Made of its two hashes, with the key
 * laid out once, it is half the work of an object of Node's for each line.
 *
 * @see RFC 2104 §2
 */
export class LineMac {
  #inner: Buffer
  readonly #outer = Buffer.allocUnsafeSlow(BLOCK_BYTES + DIGEST_BYTES)

  /** @param key At most 64 bytes. */
  constructor(key: KeyObject) {
    this.#inner = Buffer.allocUnsafeSlow(BLOCK_BYTES + USUAL_BYTES)
    const bytes = key.export()
    if (bytes.length > BLOCK_BYTES) throw new TypeError('the key is longer than a block')
    for (let at = 0; at < BLOCK_BYTES; at += 1) {
      this.#inner[at] = (bytes[at] ?? 0) ^ 0x36
      this.#outer[at] = (bytes[at] ?? 0) ^ 0x5c
    }
    bytes.fill(0)
  }

  /** @param body Everything before the member itself, each byte one character. */
  of(body: string): string {
    if (body.length > this.#inner.length - BLOCK_BYTES) this.#makeRoom(body.length)
    const end = BLOCK_BYTES + this.#inner.write(body, BLOCK_BYTES, 'latin1')
    const digest = hash('sha256', this.#inner.subarray(0, end), 'binary')
    this.#outer.write(digest, BLOCK_BYTES, 'latin1')
    return hash('sha256', this.#outer, 'hex').slice(0, MAC_DIGITS)
  }

  /** Forgets the key; what it says of a line afterwards is nothing. */
  wipe(): void {
    this.#inner.fill(0)
    this.#outer.fill(0)
  }

  #makeRoom(bytes: number): void {
    const wider = Buffer.allocUnsafeSlow(BLOCK_BYTES + bytes)
    this.#inner.copy(wider, 0, 0, BLOCK_BYTES)
    this.#inner.fill(0)
    this.#inner = wider
  }
}
