import { parseJson } from './parse-json.ts'

/** What a caller asks for is shorter; a longer body is read anew each time. */
const MAX_KEPT_BYTES = 1_024

/** As many requests of different words; with one more the oldest is read anew. */
const MAX_KEPT = 256

/**
 * JSON of bodies that come again and again, such as those of tools that ask for the token of
 * one grant: what the same bytes mean is not worked out twice. What is kept is shared, and
 * nobody can change it. Not for routes whose bodies may hold a secret.
 */
export class RecentBodies {
  readonly #kept = new Map<string, unknown>()

  get size(): number {
    return this.#kept.size
  }

  /** @throws GrantdError `invalid_request` */
  parse(body: Buffer): unknown {
    if (body.length > MAX_KEPT_BYTES) return parseJson(body)
    // each byte one character: no two bodies are the same text
    const text = body.toString('latin1')
    const found = this.#kept.get(text)
    if (found !== undefined) return found
    const value = Object.freeze(parseJson(body))
    if (this.#kept.size === MAX_KEPT) this.#forgetOldest()
    this.#kept.set(text, value)
    return value
  }

  #forgetOldest(): void {
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest)
      return
    }
  }
}
