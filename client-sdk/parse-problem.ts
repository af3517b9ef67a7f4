import { type ErrorCode, isErrorCode } from './error-codes.ts'
import { GrantdError, type PendingLoginPlace } from './grantd-error.ts'

/** Longest text taken from a problem in characters; a sentence and a command fit. */
const MAX_TEXT_LENGTH = 2000

/** Nearest code for a status, where a newer daemon sends a code we do not know. */
const NEAREST: Readonly<Record<number, ErrorCode>> = {
  401: 'login_required',
  403: 'access_denied',
  404: 'unknown_grant',
  423: 'vault_locked',
  429: 'rate_limited',
  502: 'issuer_rejected',
  503: 'overloaded',
}

/**
 * The error that a problem document stands for. Nothing in it can make this
 * fail: a code of a newer daemon becomes the nearest one of its HTTP status and
 * is named in the message, a member of the wrong type counts as missing.
 *
 * @param status HTTP status of the answer, 400 to 599.
 * @param problem The parsed body.
 * @see RFC 9457 §3
 */
export function parseProblem(status: number, problem: unknown): GrantdError {
  const { code, detail, title, retry_after, hint, login } = members(problem)
  const sentence = text(detail) ?? text(title) ?? `status ${status}`
  const extras = { retryAfterSeconds: seconds(retry_after), hint: text(hint), login: place(login) }
  if (isErrorCode(code)) return new GrantdError(code, sentence, extras)
  const unknown = text(code) ?? ''
  return new GrantdError(nearest(status), `${sentence} (unknown code "${unknown}")`, extras)
}

function members(problem: unknown): Readonly<Record<string, unknown>> {
  return typeof problem === 'object' && problem !== null ? { ...problem } : {}
}

function nearest(status: number): ErrorCode {
  return NEAREST[status] ?? (status < 500 ? 'invalid_request' : 'internal_error')
}

function place(value: unknown): PendingLoginPlace | undefined {
  const { verification_uri, user_code } = members(value)
  const login = { verificationUri: text(verification_uri), userCode: text(user_code) }
  return login.verificationUri === undefined && login.userCode === undefined ? undefined : login
}

/** Control and format characters go: the text will be printed on a terminal. */
function text(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  return value.slice(0, MAX_TEXT_LENGTH).replace(/\p{C}/gu, '?')
}

function seconds(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value < Infinity ? Math.ceil(value) : undefined
}
