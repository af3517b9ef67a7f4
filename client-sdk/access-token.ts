import { malformed } from './unreachable.ts'

/** A token and what it is good for. */
export interface AccessToken {
  /** Visible ASCII only, so it fits into a header as it is. */
  readonly accessToken: string
  /** `DPoP`: bound to a key in the daemon, of no use as a bearer token. */
  readonly tokenType: 'Bearer' | 'DPoP'
  /** Whole seconds it still lived when the daemon answered. */
  readonly expiresInSeconds: number
  /**
   * Milliseconds since the epoch: the moment the answer was read plus
   * `expiresInSeconds`. The daemon rounds down to whole seconds, so the token
   * does not end before that.
   */
  readonly expiresAt: number
  /** Space separated. */
  readonly scope: string
  readonly audience?: string
  /** Name of the grant it came from. */
  readonly grant: string
  /** Rotations of the grant when it was issued. */
  readonly generation: number
}

/** `b64token` of RFC 6750 is narrower; issuers are known to go beyond it, but never to blanks. */
const VISIBLE = /^[\x21-\x7e]+$/

/**
 * Reads the answer of `POST /v1/token`; members it does not know are left out.
 *
 * @param now Milliseconds since the epoch at which the answer was read.
 * @throws GrantdUnreachableError `malformed`
 */
export function parseAccessToken(value: unknown, now: number): AccessToken {
  const { access_token, token_type, expires_in, scope, audience, grant, generation } =
    typeof value === 'object' && value !== null ? ({ ...value } as Record<string, unknown>) : {}
  if (
    typeof access_token !== 'string' ||
    !VISIBLE.test(access_token) ||
    (token_type !== 'Bearer' && token_type !== 'DPoP') ||
    !isCount(expires_in) ||
    typeof scope !== 'string' ||
    (audience !== undefined && typeof audience !== 'string') ||
    typeof grant !== 'string' ||
    !isCount(generation)
  )
    throw malformed('a token answer of another shape')
  return {
    accessToken: access_token,
    tokenType: token_type,
    expiresInSeconds: expires_in,
    expiresAt: now + expires_in * 1000,
    scope,
    ...(audience !== undefined && { audience }),
    grant,
    generation,
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
