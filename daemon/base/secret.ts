import { inspect } from 'node:util'
import { stillBytes } from './still-bytes.ts'

/**
 * A refresh token, client secret or private key: bytes that print as `[secret]`
 * wherever they end up by accident. Copies it makes lie in memory of their own, never
 * in the pool that Node shares between small buffers.
 */
export class Secret {
  readonly #bytes: Buffer
  #isWiped = false

  private constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Takes the bytes over: the caller keeps no copy. */
  static take(bytes: Buffer): Secret {
    return new Secret(bytes)
  }

  /** Copies text that a library handed us. */
  static fromText(text: string): Secret {
    const bytes = stillBytes(Buffer.byteLength(text, 'utf8'))
    bytes.write(text, 'utf8')
    return new Secret(bytes)
  }

  /**
   * The only way to the value as text: `grep reveal` lists every reader.
   *
   * @throws TypeError after a wipe: zeros, once sent, would look like a dead token
   */
  reveal(): string {
    return this.revealBytes().toString('utf8')
  }

  /**
   * The only way to the value as bytes; still owned by the secret.
   *
   * @throws TypeError after a wipe
   */
  revealBytes(): Buffer {
    if (this.#isWiped) throw new TypeError('a secret was asked for after it was wiped')
    return this.#bytes
  }

  /**
   * An independent copy, wiped on its own.
   *
   * @throws TypeError after a wipe
   */
  copy(): Secret {
    const from = this.revealBytes()
    const bytes = stillBytes(from.length)
    from.copy(bytes)
    return new Secret(bytes)
  }

  /** Overwrites the bytes with zeros, for good; copies a library made of the text stay. */
  wipe(): void {
    this.#isWiped = true
    this.#bytes.fill(0)
  }

  toJSON(): string {
    return '[secret]'
  }

  toString(): string {
    return '[secret]'
  }

  [inspect.custom](): string {
    return '[secret]'
  }
}
