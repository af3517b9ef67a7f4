import { ERRORS, GrantdError, MAX_URL_LENGTH, type Problem } from '@grantd/client/protocol'

/** Longest detail or hint; a validation message may quote a member's name. */
const MAX_DETAIL_LENGTH = 300

/**
 * `application/problem+json` of an error.
 *
 * @see RFC 9457 §3
 */
export function problemOf(error: GrantdError): Problem {
  const { login } = error
  return {
    type: `urn:grantd:error:${error.code}`,
    title: ERRORS[error.code].title,
    status: error.status,
    code: error.code,
    detail: printable(error.message),
    ...(error.retryAfterSeconds !== undefined && { retry_after: error.retryAfterSeconds }),
    ...(error.hint !== undefined && { hint: printable(error.hint) }),
    ...(login !== undefined && { login: wireLogin(login) }),
  }
}

/** What Fastify's own errors look like. */
interface FrameworkError {
  readonly statusCode?: unknown
  readonly validation?: readonly {
    readonly instancePath: string
    readonly message?: string
    readonly params: Readonly<Record<string, unknown>>
  }[]
}

/**
 * Whatever was thrown, as an error of the wire. What the caller did wrong is named;
 * a mistake of ours is not, it goes to the log.
 */
export function grantdErrorOf(error: unknown): GrantdError {
  if (error instanceof GrantdError) return error
  const { statusCode, validation } = (error ?? {}) as FrameworkError
  const first = validation?.[0]
  if (first !== undefined) {
    const extra = first.params['additionalProperty']
    const where = first.instancePath === '' ? 'the request' : `"${first.instancePath.slice(1)}"`
    const unknownMember = typeof extra === 'string' ? ` "${extra}"` : ''
    return new GrantdError(
      'invalid_request',
      `${where} ${first.message ?? 'is not valid'}${unknownMember}`,
    )
  }
  if (statusCode === 413) return new GrantdError('invalid_request', 'the body is too large')
  if (statusCode === 415)
    return new GrantdError('invalid_request', 'the body must be "application/json"')
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500)
    return new GrantdError('invalid_request', 'the request is not well formed')
  return new GrantdError('internal_error', 'a mistake of the daemon; its log says more')
}

/** Quoted names come from the caller: nothing that could draw on a terminal goes back. */
function printable(text: string, maxLength = MAX_DETAIL_LENGTH): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, maxLength)
}

/** What the issuer sent is shown to a person like anything else; a URL cut short leads nowhere. */
function wireLogin(login: NonNullable<GrantdError['login']>): NonNullable<Problem['login']> {
  const { verificationUri, userCode } = login
  return {
    ...(verificationUri !== undefined && {
      verification_uri: printable(verificationUri, MAX_URL_LENGTH),
    }),
    ...(userCode !== undefined && { user_code: printable(userCode) }),
  }
}
