import type { Secret } from '../base/secret.ts'
import { tokenHash } from '../base/token-hash.ts'
import type { Grant } from '../grant/grant.ts'

/**
 * Under what a pause for all grants of one client is kept. A secret counts too, by its
 * hash and in memory only: a login with a new one must not be held up by a grant that
 * still has the old one.
 */
export function clientKey(
  grant: Pick<Grant, 'clientId' | 'metadata'>,
  clientSecret: Secret | undefined,
): string {
  const secret = clientSecret === undefined ? '' : tokenHash(clientSecret.revealBytes())
  return JSON.stringify(['client', grant.metadata.issuer, grant.clientId, secret])
}

/**
 * Under what a pause is kept for requests that the issuer calls wrong: those of a grant for
 * one audience, so that who asks for another waits for nobody.
 */
export function requestKey(grantId: string, audience: string | undefined): string {
  return `${grantId} ${audience ?? ''}`
}
