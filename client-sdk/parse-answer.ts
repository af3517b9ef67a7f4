import { type AnswerHead, parseHead } from './parse-head.ts'
import { malformed } from './unreachable.ts'

/** One complete answer. */
export interface Answer extends AnswerHead {
  /** The body, decoded from UTF-8. */
  readonly text: string
}

/** Longest status line and header fields in bytes; the daemon's own stay below 1 KiB. */
export const MAX_HEAD_BYTES = 16_384

const PROTOCOL = 'HTTP/1.1 '

/**
 * Cuts the bytes of a connection into answers. It takes bytes as a latin1
 * string, in which one character is one byte: joining such strings costs next
 * to nothing, however small the pieces are, and so does `Content-Length`.
 */
export class AnswerParser {
  #bytes = ''
  #head: AnswerHead | undefined

  /** True when no byte of the next answer has come. */
  get isEmpty(): boolean {
    return this.#head === undefined && this.#bytes === ''
  }

  /** Adds bytes as they came, in latin1. */
  push(bytes: string): void {
    this.#bytes += bytes
  }

  /**
   * Takes the next complete answer out, `undefined` until it is complete.
   *
   * @throws GrantdUnreachableError `malformed`; the connection is of no more use
   */
  next(): Answer | undefined {
    this.#head ??= this.#takeHead()
    const head = this.#head
    if (head === undefined || this.#bytes.length < head.contentLength) return undefined
    const body = this.#bytes.slice(0, head.contentLength)
    this.#bytes = this.#bytes.slice(head.contentLength)
    this.#head = undefined
    return { ...head, text: decode(body) }
  }

  #takeHead(): AnswerHead | undefined {
    const end = this.#bytes.indexOf('\r\n\r\n')
    if (end > MAX_HEAD_BYTES || (end < 0 && this.#bytes.length > MAX_HEAD_BYTES))
      throw malformed(`headers above ${MAX_HEAD_BYTES} bytes`)
    if (end < 0) {
      // A server that speaks another protocol is told at its first bytes, not at the deadline.
      if (!PROTOCOL.startsWith(this.#bytes.slice(0, PROTOCOL.length)))
        throw malformed('no HTTP/1.1 status line')
      return undefined
    }
    const head = parseHead(this.#bytes.slice(0, end))
    this.#bytes = this.#bytes.slice(end + 4)
    return head
  }
}

function decode(latin1: string): string {
  if (!/[\x80-\xff]/.test(latin1)) return latin1
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(latin1, 'latin1'))
  } catch {
    throw malformed('a body that is not UTF-8')
  }
}
