import { connect, type Socket } from 'node:net'
import { type Answer, AnswerParser } from './parse-answer.ts'
import type { PendingRequest } from './pending-request.ts'
import { readAnswer } from './read-answer.ts'
import { GrantdUnreachableError, malformed, notRunning } from './unreachable.ts'

/**
 * Why a link ended.
 *
 * - `renewed`: its requests are better off on a new one; none of them is to blame.
 * - `lost`: it was reset or closed under its requests.
 * - `failed`: a new one would fare no better.
 */
export type LinkEnd =
  | { readonly kind: 'renewed' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'failed'; readonly error: unknown }

/** Takes over the requests a link leaves behind, oldest first; no byte of their answers has come. */
export type OnLinkEnd = (end: LinkEnd, left: readonly PendingRequest[]) => void

/** The error for a request whose answer was lost with its connection. */
export function lost(): GrantdUnreachableError {
  return new GrantdUnreachableError('lost', 'the connection ended before the answer')
}

/** One connection and the requests that wait on it, answered in their order. */
export class Link {
  readonly #socket: Socket
  readonly #path: string
  readonly #onEnd: OnLinkEnd
  readonly #parser = new AnswerParser()
  readonly #waiting: PendingRequest[] = []
  #isConnected = false
  #hasEnded = false

  constructor(path: string, onEnd: OnLinkEnd) {
    this.#path = path
    this.#onEnd = onEnd
    let cause: unknown
    this.#socket = connect(path)
    this.#socket.setEncoding('latin1')
    this.#socket.on('connect', () => {
      this.#isConnected = true
    })
    this.#socket.on('data', (bytes: string) => this.#read(bytes))
    this.#socket.on('error', (error) => {
      cause = error
    })
    this.#socket.on('close', () => this.#closed(cause))
  }

  /** How many requests wait for an answer. */
  get waitingCount(): number {
    return this.#waiting.length
  }

  /** Sends a request behind those that wait. */
  send(pending: PendingRequest): void {
    pending.onGiveUp = () => this.#givenUp(pending)
    this.#waiting.push(pending)
    this.#socket.ref()
    this.#socket.write(pending.text)
  }

  /** Ends the link, whatever its state; without effect when it has ended. */
  end(end: LinkEnd): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#socket.destroy()
    this.#onEnd(end, this.#waiting.splice(0))
  }

  #read(bytes: string): void {
    try {
      this.#parser.push(bytes)
      while (!this.#hasEnded && !this.#parser.isEmpty) {
        if (this.#waiting.length === 0) throw malformed('an answer nobody asked for')
        const answer = this.#parser.next()
        if (answer === undefined) return
        this.#deliver(answer)
      }
    } catch (error) {
      this.end({ kind: 'failed', error })
    }
  }

  #deliver(answer: Answer): void {
    const pending = this.#waiting.shift()
    try {
      pending?.resolve(readAnswer(answer))
    } catch (error) {
      pending?.reject(error)
    }
    if (answer.isLast) this.end({ kind: 'renewed' })
    else if (this.#waiting.length > 0) this.#skipGivenUp()
    // An idle connection never keeps the caller's process alive.
    else this.#socket.unref()
  }

  /**
   * Answers come in order, so everybody behind a request that was given up would
   * wait for its answer, perhaps forever. They move to a new link instead. All
   * deadlines of one moment pass first: many of them cost one new link.
   */
  #givenUp(pending: PendingRequest): void {
    if (pending === this.#waiting[0]) setImmediate(() => this.#skipGivenUp())
  }

  #skipGivenUp(): void {
    if (this.#waiting[0]?.isSettled === true) this.end({ kind: 'renewed' })
  }

  #closed(cause: unknown): void {
    // The daemon had begun to answer: asking again could show another answer to the same question.
    if (!this.#parser.isEmpty) this.#waiting.shift()?.reject(lost())
    if (this.#isConnected) this.end({ kind: 'lost' })
    else this.end({ kind: 'failed', error: notRunning(this.#path, cause) })
  }
}
