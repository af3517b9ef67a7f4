import type { TokenAnswer } from './issuer.ts'
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

/**
 * @returns The answer as the daemon knows it; `undefined` when the token could
 * not be handed out as one word of printable ASCII, or its scope is not one.
 */
export function readTokenAnswer(answer: LibraryAnswer): TokenAnswer | undefined {
  if (!ACCESS_TOKEN.test(answer.access_token)) return undefined
  const scope = answer.scope === undefined ? undefined : words(answer.scope)
  if (scope?.some((word) => !SCOPE_TOKEN.test(word)) === true) return undefined
  const claims = readClaims(answer.access_token)
  const audience = readAudience(claims?.['aud'])
  const expiresInSeconds = statedLifetime(answer.expires_in)
  const tokenScope = readScope(claims?.['scope'] ?? claims?.['scp'])
  return {
    accessToken: answer.access_token,
    tokenType: answer.token_type.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer',
    ...(expiresInSeconds !== undefined && { expiresInSeconds }),
    ...(scope !== undefined && { scope }),
    ...(audience !== undefined && { audience }),
    ...(tokenScope !== undefined && { tokenScope }),
  }
}

/**
 * Claims of a JWT access token, RFC 9068 §2.2, decoded and not verified: they
 * are compared with what was asked for, and only ever narrow what is handed out.
 */
function readClaims(token: string): Readonly<Record<string, unknown>> | undefined {
  const parts = token.split('.')
  if (parts.length !== 3) return undefined
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'))
    return isRecord(claims) ? claims : undefined
  } catch {
    return undefined
  }
}

function readAudience(claim: unknown): readonly string[] | undefined {
  const list = typeof claim === 'string' ? [claim] : claim
  return isTextList(list) && list.every((text) => AUDIENCE.test(text)) ? list : undefined
}

function readScope(claim: unknown): readonly string[] | undefined {
  const list = typeof claim === 'string' ? words(claim) : claim
  return isTextList(list) && list.every((text) => SCOPE_TOKEN.test(text)) ? list : undefined
}

function words(text: string): readonly string[] {
  return text.split(' ').filter((word) => word !== '')
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
