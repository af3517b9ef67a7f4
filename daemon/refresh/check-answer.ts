import { UNSTATED_LIFETIME_SECONDS } from '../base/limits.ts'
import { tokenHashPrefix } from '../base/token-hash.ts'
import type { Grant } from '../grant/grant.ts'
import { scopeBeyond } from '../grant/scope.ts'
import type { TokenAnswer } from '../issuer/issuer.ts'
import type { AccessToken } from '../token/access-token.ts'

/** What was asked of the issuer. */
export interface RefreshAsk {
  readonly audience: string | undefined
  /** The widest scope the token may have; `undefined` while what was granted is being learnt. */
  readonly scope: readonly string[] | undefined
  /** `scope` parameter, or none. */
  readonly sentScope: readonly string[] | undefined
}

/** The token, or why it is not handed out. */
export type CheckedAnswer =
  | { readonly kind: 'good'; readonly token: AccessToken }
  | {
      readonly kind: 'broader'
      readonly code: 'invalid_scope' | 'invalid_target'
      readonly detail: string
    }

/**
 * Compares what came back with what was asked: in the answer, and in the token
 * itself where it is a JWT. A token that can do more than was asked is not handed out.
 *
 * @param startedAt Milliseconds since the epoch when the request was sent: a token's
 *   life is counted from there, so that it is never thought longer than it is.
 * @see RFC 6749 §5.1 (an absent `scope` means the scope asked for), RFC 8707 §2.2
 */
export function checkAnswer(
  grant: Grant,
  ask: RefreshAsk,
  answer: TokenAnswer,
  startedAt: number,
): CheckedAnswer {
  const scope = answer.scope ?? ask.sentScope ?? ask.scope ?? answer.tokenScope ?? []
  const limit = ask.scope ?? scope
  const beyond = [...scopeBeyond(scope, limit), ...scopeBeyond(answer.tokenScope ?? [], limit)]
  if (beyond.length > 0)
    return {
      kind: 'broader',
      code: 'invalid_scope',
      detail: 'the issuer answered with a broader scope than asked',
    }
  if (
    ask.audience !== undefined &&
    !isForAudience(answer.audience, ask.audience, grant.metadata.issuer)
  )
    return {
      kind: 'broader',
      code: 'invalid_target',
      detail: 'the issuer answered with another audience than asked',
    }
  return {
    kind: 'good',
    token: {
      value: answer.accessToken,
      mark: tokenHashPrefix(answer.accessToken),
      tokenType: answer.tokenType,
      scope,
      ...(ask.audience === undefined ? {} : { audience: ask.audience }),
      expiresAt: expiryOf(answer.expiresInSeconds, startedAt),
      lifetimeSeconds: answer.expiresInSeconds ?? UNSTATED_LIFETIME_SECONDS,
      generation: grant.generation,
    },
  }
}

/**
 * When an access token dies, in milliseconds since the epoch.
 *
 * @param expiresInSeconds As the issuer stated it; absent counts as a short life.
 * @param startedAt Milliseconds since the epoch when the request was sent.
 */
export function expiryOf(expiresInSeconds: number | undefined, startedAt: number): number {
  return startedAt + (expiresInSeconds ?? UNSTATED_LIFETIME_SECONDS) * 1000
}

/**
 * True when a token is for this audience alone. Issuers may add themselves, for their own
 * userinfo endpoint; nobody else.
 *
 * @param audiences `aud` of the token; `undefined` for an opaque one, which proves nothing.
 */
export function isForAudience(
  audiences: readonly string[] | undefined,
  wanted: string,
  issuer: string,
): boolean {
  if (audiences === undefined) return true
  const own = issuer.endsWith('/') ? issuer : `${issuer}/`
  const isOwn = (audience: string): boolean => audience === issuer || audience.startsWith(own)
  return audiences.includes(wanted) && audiences.every((one) => one === wanted || isOwn(one))
}
