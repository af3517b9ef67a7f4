import type { ErrorWord } from './error-words.ts'

/**
 * What is known about one request, noted while it happened: failures are told
 * apart by this and by nothing the OAuth library throws.
 */
export interface Trace {
  /** False only when the issuer certainly saw no byte. */
  mayHaveLeft: boolean
  /** Our own words, when the request or the answer did not get through. */
  reason: string | undefined
  /** Status of the answer; absent when none came. */
  status: number | undefined
  /** Whether the whole body came. */
  isComplete: boolean
  /** Whether the answer says it is JSON. */
  isJson: boolean
  /** Whether the body says nothing at all. */
  isEmpty: boolean
  /** `error` of the body or of `WWW-Authenticate`. */
  error: ErrorWord | undefined
  /** Whether the answer asks who the client is, RFC 6749 §5.2. */
  asksForClient: boolean
  /** `Retry-After`, in seconds. */
  retryAfterSeconds: number | undefined
  /** Whether a successful answer of the token endpoint looks as if it gave tokens. */
  givesTokens: boolean
  /** Whether the answer carried a refresh token that was handed to its keeper. */
  hasSuccessor: boolean
  /** Whom the answer names; absent where nobody looked. */
  subject: string | undefined
  /** The keeper's own error; it leaves the room as it is. */
  keepFailure: { readonly error: unknown } | undefined
}

/** A trace of a request that was not sent yet. */
export function newTrace(): Trace {
  return {
    mayHaveLeft: false,
    reason: undefined,
    status: undefined,
    isComplete: false,
    isJson: false,
    isEmpty: false,
    error: undefined,
    asksForClient: false,
    retryAfterSeconds: undefined,
    givesTokens: false,
    hasSuccessor: false,
    subject: undefined,
    keepFailure: undefined,
  }
}
