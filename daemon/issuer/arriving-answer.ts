import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { decodeBody } from './decode-body.ts'

/** Longest answer in bytes that is read; a token answer of 100 KB would already be a curiosity. */
export const MAX_ANSWER_BYTES = 1_048_576

/** What came of an answer. */
export interface ArrivedAnswer {
  readonly kind: 'answered'
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** The caller's to wipe. */
  readonly body: Buffer
  /** False when the connection ended, or the limit was reached, before the body did. */
  readonly isComplete: boolean
}

/**
 * An answer on its way in, from its head to its end, whatever that is: the last byte, a
 * lost connection, bytes that are no HTTP, the limit, or nobody waiting any longer. What
 * came until then may hold a refresh token, and is given in every case.
 */
export class ArrivingAnswer {
  readonly #message: IncomingMessage
  readonly #onEnd: (outcome: ArrivedAnswer) => void
  #chunks: Buffer[] = []
  #length = 0
  #isBroken = false
  #isOver = false

  /** @param onEnd Called once. */
  constructor(message: IncomingMessage, onEnd: (outcome: ArrivedAnswer) => void) {
    this.#message = message
    this.#onEnd = onEnd
    // Not an iterator: that one forgets what is in the buffer once the connection is lost.
    message.on('data', (chunk: Buffer) => this.#take(chunk))
    message.on('error', () => this.stop()) // how it broke off makes no difference
    message.once('end', () => this.stop())
    message.once('close', () => this.stop())
  }

  /**
   * The connection has failed. Bytes on their way through Node still come, and after them
   * Node takes an answer without a length for a whole one.
   */
  breakOff(): void {
    this.#isBroken = !this.#message.complete
  }

  /** It ends here, with what came so far. */
  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    const raw = Buffer.concat(this.#chunks)
    for (const chunk of this.#chunks) chunk.fill(0)
    this.#chunks = []
    const { statusCode = 0, headers, complete } = this.#message
    const { body, isWhole } = decodeBody(raw, headers['content-encoding'], MAX_ANSWER_BYTES)
    const isComplete = complete && isWhole && !this.#isBroken && this.#length <= MAX_ANSWER_BYTES
    this.#onEnd({ kind: 'answered', status: statusCode, headers, body, isComplete })
  }

  #take(chunk: Buffer): void {
    this.#length += chunk.length
    if (this.#isOver || this.#length > MAX_ANSWER_BYTES) {
      chunk.fill(0)
      this.stop()
      this.#message.destroy()
      return
    }
    this.#chunks.push(chunk)
  }
}
