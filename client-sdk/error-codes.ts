/**
 * Every error code of the wire with its HTTP status and the exit status of the
 * command. A code, once given out, never changes its meaning.
 *
 * @see RFC 9457 (problem details); `type` is `urn:grantd:error:<code>`
 */
export const ERRORS = {
  invalid_request: { status: 400, exit: 2, title: 'the request is not well formed' },
  invalid_scope: { status: 400, exit: 4, title: 'the scope was never granted' },
  invalid_target: { status: 400, exit: 4, title: 'the audience was never granted' },
  login_required: { status: 401, exit: 3, title: 'the grant needs a new login' },
  step_up_required: { status: 401, exit: 3, title: 'the login is too weak for this request' },
  unauthorized_peer: {
    status: 403,
    exit: 4,
    title: 'the calling process may not use this listener',
  },
  access_denied: { status: 403, exit: 4, title: 'refused by policy' },
  consent_denied: { status: 403, exit: 4, title: 'the person at the prompt said no' },
  consent_unavailable: { status: 403, exit: 4, title: 'nobody could be asked for consent' },
  unknown_grant: { status: 404, exit: 4, title: 'no such grant' },
  vault_locked: { status: 423, exit: 5, title: 'the vault is locked' },
  rate_limited: { status: 429, exit: 75, title: 'asked too often' },
  internal_error: { status: 500, exit: 1, title: 'a mistake of the daemon; nothing was issued' },
  issuer_rejected: {
    status: 502,
    exit: 1,
    title: 'the issuer refused for a reason that is not the grant',
  },
  issuer_unreachable: { status: 503, exit: 75, title: 'the issuer cannot be reached' },
  refresh_in_doubt: { status: 503, exit: 75, title: 'the answer to a refresh was lost' },
  overloaded: { status: 503, exit: 75, title: 'too much to do at once' },
  audit_unavailable: { status: 503, exit: 1, title: 'the audit log cannot be written' },
  config_invalid: { status: 503, exit: 1, title: 'the configuration file is broken' },
} as const satisfies Readonly<
  Record<string, { readonly status: number; readonly exit: number; readonly title: string }>
>

/** A machine-readable reason; the keys of {@link ERRORS}. */
export type ErrorCode = keyof typeof ERRORS

/** Exit status of the command when no daemon answers. */
export const EXIT_UNREACHABLE = 6

/** True when `value` is a code of this version of the wire. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value)
}
