import { EXIT_UNREACHABLE } from './error-codes.ts'

/**
 * Why no answer came.
 *
 * - `not_running`: nothing listens on the socket path.
 * - `untrusted`: the socket or its directory could belong to somebody else; nothing was sent.
 * - `timed_out`: no answer before the deadline.
 * - `lost`: the connection ended before the answer, twice or in the middle of it.
 * - `malformed`: what answered does not speak our protocol.
 * - `closed`: `close()` was called.
 */
export type UnreachableReason =
  | 'not_running'
  | 'untrusted'
  | 'timed_out'
  | 'lost'
  | 'malformed'
  | 'closed'

/** The daemon could not be reached, or what answered is not a daemon of ours. */
export class GrantdUnreachableError extends Error {
  override readonly name = 'GrantdUnreachableError'
  /** `GRANTD_UNREACHABLE`, for callers that switch on `code`. */
  readonly code = 'GRANTD_UNREACHABLE'
  readonly reason: UnreachableReason
  /** The command that helps, such as `grantd serve`. */
  readonly hint: string | undefined
  /** Always absent, as nobody stated one; here so that it can be read on both errors. */
  declare readonly retryAfterSeconds?: number

  /** @param detail Lower case, no full stop, names the thing in quotes; never a token. */
  constructor(reason: UnreachableReason, detail: string, hint?: string) {
    super(detail)
    this.reason = reason
    this.hint = hint
  }

  /** Exit status of the command, 6. */
  get exitStatus(): number {
    return EXIT_UNREACHABLE
  }

  /** True when the same request, sent later, can succeed without a person's help. */
  get isRetryable(): boolean {
    return this.reason === 'timed_out' || this.reason === 'lost'
  }
}

/**
 * The error for an answer that no daemon of ours gives.
 *
 * @param detail What is wrong with it, without any byte of its body.
 */
export function malformed(detail: string): GrantdUnreachableError {
  return new GrantdUnreachableError('malformed', `what answered is not grantd: ${detail}`)
}

/**
 * What it means that a socket could not be looked at or connected to.
 *
 * @param error What the system call threw; only its `code` is read.
 * @see connect(2)
 */
export function notRunning(path: string, error: unknown): GrantdUnreachableError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  if (code === 'ENOENT' || code === 'ECONNREFUSED')
    return new GrantdUnreachableError(
      'not_running',
      `no daemon listens on "${path}"`,
      'start it: grantd serve',
    )
  // Linux: the daemon is there, its queue of connections is full.
  if (code === 'EAGAIN')
    return new GrantdUnreachableError('lost', `the daemon on "${path}" is too busy to connect to`)
  return new GrantdUnreachableError('not_running', `cannot connect to "${path}" (${code})`)
}
