import { ERRORS, type ErrorCode } from './error-codes.ts'

/** Where a person ends the login that stands in the way. */
export interface PendingLoginPlace {
  /** Address to open. */
  readonly verificationUri?: string | undefined
  /** Code to enter there. */
  readonly userCode?: string | undefined
}

/** What a problem may carry beyond its code and detail. */
export interface ProblemExtras {
  /** Whole seconds after which the same request may be sent again. */
  readonly retryAfterSeconds?: number | undefined
  /** The command that helps, such as `grantd login work`. */
  readonly hint?: string | undefined
  /** The pending login of the grant; admin listener only. */
  readonly login?: PendingLoginPlace | undefined
}

/**
 * The one error that crosses the socket: a stable code, a sentence without any
 * token in it, and where it applies a hint. Thrown by the daemon's use cases
 * and by the client alike.
 *
 * @see RFC 9457
 */
export class GrantdError extends Error {
  override readonly name = 'GrantdError'
  readonly code: ErrorCode
  readonly retryAfterSeconds: number | undefined
  readonly hint: string | undefined
  /** The login that stands in the way. */
  readonly login: PendingLoginPlace | undefined

  /**
   * @param detail Lower case, no full stop, names the thing in quotes; never a token.
   */
  constructor(code: ErrorCode, detail: string, extras: ProblemExtras = {}) {
    super(detail)
    this.code = code
    this.retryAfterSeconds = extras.retryAfterSeconds
    this.hint = extras.hint
    this.login = extras.login
  }

  /** HTTP status of this code, 400 to 503. */
  get status(): number {
    return ERRORS[this.code].status
  }

  /** Exit status of the command for this code, 1 to 75. */
  get exitStatus(): number {
    return ERRORS[this.code].exit
  }

  /** True when sending the same request later can succeed without a person's help. */
  get isRetryable(): boolean {
    return this.exitStatus === 75
  }
}
