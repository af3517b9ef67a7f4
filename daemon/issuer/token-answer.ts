import type { TokenAnswer } from './issuer.ts'
import { jwtPart } from './jwt-part.ts'
import { statedLifetime } from './lifetime.ts'

/** What openid-client makes of a token answer; it knows `token_type` in lower case. */
export interface LibraryAnswer {
  readonly access_token: string
  readonly token_type: string
  readonly expires_in?: number | undefined
  readonly scope?: string | undefined
}

/** `access-token`, RFC 6749 appendix A.12, without the blank: it goes into one line and one header. */
const ACCESS_TOKEN = /^[\x21-\x7e]+$/

/** `scope-token`, RFC 6749 §3.3. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** What an audience may look like before it is compared with ours. */
const AUDIENCE = /^[\x21-\x7e]{1,1024}$/

/** What a claim of a token says. */
type Claim =
  | { readonly kind: 'absent' }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** It says something, to somebody: a resource server may read it more generously than we do. */
  | { readonly kind: 'unreadable' }

/**
 * @returns The answer as the daemon knows it; `undefined` when the token could
 * not be handed out as one word of printable ASCII, its scope is not one, or it is a
 * JWT that says something about its audience or scope which cannot be compared.
 */
export function readTokenAnswer(answer: LibraryAnswer): TokenAnswer | undefined {
  if (!ACCESS_TOKEN.test(answer.access_token)) return undefined
  const scope = answer.scope === undefined ? undefined : words(answer.scope)
  if (scope?.some((word) => !SCOPE_TOKEN.test(word)) === true) return undefined
  const claims = readClaims(answer.access_token)
  if (claims === undefined) return undefined
  const audience = readClaim(claims['aud'], (text) => [text], AUDIENCE)
  const tokenScope = both(
    readClaim(claims['scope'], words, SCOPE_TOKEN),
    readClaim(claims['scp'], words, SCOPE_TOKEN),
  )
  if (audience.kind === 'unreadable' || tokenScope.kind === 'unreadable') return undefined
  const expiresInSeconds = statedLifetime(answer.expires_in) ?? claimedLifetime(claims)
  return {
    accessToken: answer.access_token,
    tokenType: answer.token_type.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer',
    ...(expiresInSeconds !== undefined && { expiresInSeconds }),
    ...(scope !== undefined && { scope }),
    ...(audience.kind === 'words' && { audience: audience.words }),
    ...(tokenScope.kind === 'words' && { tokenScope: tokenScope.words }),
  }
}

/**
 * The whole life of a JWT by its own `exp` and `iat`: both are the issuer's clock, so that
 * ours may be wrong. It is counted from the start of the request, as `expires_in` is.
 */
function claimedLifetime(claims: Readonly<Record<string, unknown>>): number | undefined {
  const { exp, iat } = claims
  return typeof exp === 'number' && typeof iat === 'number' ? statedLifetime(exp - iat) : undefined
}

/**
 * Claims of a JWT access token, RFC 9068 §2.2, decoded and not verified: they
 * are compared with what was asked for, and only ever narrow what is handed out.
 *
 * @returns None for an opaque token; `undefined` for one that has the head of a JWT
 * and claims nobody can read.
 */
function readClaims(token: string): Readonly<Record<string, unknown>> | undefined {
  const [head = '', payload = '', ...rest] = token.split('.')
  if (rest.length !== 1) return {}
  const claims = jwtPart(payload)
  if (claims !== undefined) return claims
  return jwtPart(head)?.['alg'] === undefined ? {} : undefined
}

/** `null` says as little as a claim that is not there. */
function readClaim(
  claim: unknown,
  split: (text: string) => readonly string[],
  word: RegExp,
): Claim {
  if (claim === undefined || claim === null) return { kind: 'absent' }
  const list = typeof claim === 'string' ? split(claim) : claim
  const isReadable = isTextList(list) && list.every((text) => word.test(text))
  return isReadable ? { kind: 'words', words: list } : { kind: 'unreadable' }
}

/** What two claims say together: issuers write `scope`, `scp` or both, and servers read either. */
function both(one: Claim, other: Claim): Claim {
  if (one.kind === 'unreadable' || other.kind === 'absent') return one
  if (other.kind === 'unreadable' || one.kind === 'absent') return other
  return { kind: 'words', words: [...new Set([...one.words, ...other.words])] }
}

function words(text: string): readonly string[] {
  return text.split(' ').filter((word) => word !== '')
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
