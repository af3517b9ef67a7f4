import { ERRORS, type ErrorCode, GrantdError, GrantdUnreachableError } from '@grantd/client'
import type { Problem } from '@grantd/client/protocol'
import { jsonLine, printable } from './printable.ts'
import { UsageError } from './usage-error.ts'

/** A problem of the wire, or of the command itself: then without code and status. */
type CommandProblem = Omit<Problem, 'code' | 'status'> & Partial<Pick<Problem, 'code' | 'status'>>

/**
 * What is printed on stderr: `grantd: <detail>` and a line for each hint; or, for
 * `--json`, one line that is a problem object. Where the wire has no code for it
 * (nobody answered, the command itself broke) `type` is `about:blank`.
 *
 * @param usage The one-line usage of the command, shown after a wrong command line.
 * @see RFC 9457 §4.2.1 (`about:blank`)
 */
export function reportError(error: unknown, usage: string, asJson: boolean): string {
  const problem = problemOf(error)
  if (asJson) return jsonLine(problem)
  const lines = [`grantd: ${problem.detail}`]
  if (problem.hint !== undefined) lines.push(`hint: ${problem.hint}`)
  if (problem.retry_after !== undefined) lines.push(`hint: try again in ${problem.retry_after} s`)
  if (error instanceof UsageError) lines.push(`usage: ${usage}`)
  return lines.map((line) => `${printable(line)}\n`).join('')
}

function problemOf(error: unknown): CommandProblem {
  if (error instanceof GrantdError) {
    return coded(error.code, error.message, error.hint, error.retryAfterSeconds)
  }
  if (error instanceof UsageError) return coded('invalid_request', error.message, error.hint)
  const detail = error instanceof Error ? error.message : String(error)
  if (error instanceof GrantdUnreachableError) {
    const { hint = 'see what is wrong: grantd doctor' } = error
    return { type: 'about:blank', title: 'no daemon answers', detail, hint }
  }
  const hint = hintOf(error)
  return {
    type: 'about:blank',
    title: 'the command failed',
    detail,
    ...(hint === undefined ? {} : { hint }),
  }
}

/** A daemon that does not start says what to do about it; its error is of a class of its own. */
function hintOf(error: unknown): string | undefined {
  const hint = error instanceof Error && 'hint' in error ? error.hint : undefined
  return typeof hint === 'string' ? hint : undefined
}

function coded(
  code: ErrorCode,
  detail: string,
  hint?: string,
  retryAfter?: number,
): CommandProblem {
  const { status, title } = ERRORS[code]
  return {
    type: `urn:grantd:error:${code}`,
    title,
    status,
    code,
    detail,
    ...(hint === undefined ? {} : { hint }),
    ...(retryAfter === undefined ? {} : { retry_after: retryAfter }),
  }
}
