import { jwtPart } from './jwt-part.ts'

/** ASCII of up to 255 characters, OpenID Connect Core §2; of these only what a line can show. */
const SUBJECT = /^[\x21-\x7e][\x20-\x7e]{0,254}$/

/**
 * Whom the ID token of a login names: `sub`, when the token is from that issuer and for this
 * client alone. Its signature is not looked at, as the token came from the issuer itself over
 * TLS (item 6); nor is our clock, which may be wrong: by the issuer's own it has to have a
 * life. Whoever reads the result learns whose login it was, and nothing is decided by it.
 *
 * @param idToken As it stood in the answer of the token endpoint, not encrypted.
 * @returns `undefined` when it does not hold, or names nobody in printable ASCII.
 * @see OpenID Connect Core §3.1.3.7
 */
export function subjectOf(idToken: Buffer, issuer: string, clientId: string): string | undefined {
  const [, payload = '', ...rest] = idToken.toString('latin1').split('.')
  const claims = rest.length === 1 ? jwtPart(payload) : undefined
  if (claims === undefined || claims['iss'] !== issuer || !isForClient(claims, clientId))
    return undefined
  const { sub, exp, iat } = claims
  if (typeof exp !== 'number' || typeof iat !== 'number' || exp <= iat) return undefined
  return typeof sub === 'string' && SUBJECT.test(sub) ? sub : undefined
}

/** For us and nobody else: there is no other client that we trust. */
function isForClient(claims: Readonly<Record<string, unknown>>, clientId: string): boolean {
  const { aud, azp } = claims
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  const isOurs = audiences.length > 0 && audiences.every((audience) => audience === clientId)
  return isOurs && (azp === undefined || azp === clientId)
}
