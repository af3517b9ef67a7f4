import { GrantdError } from '@grantd/client/protocol'
import type { Grant } from '../grant/grant.ts'

/**
 * The grant a request means: by its name, or by its issuer when only one grant has
 * it. A name given with an issuer must fit it.
 *
 * @throws GrantdError `invalid_request`, `unknown_grant`
 */
export function selectGrant(
  grants: readonly Grant[],
  wanted: { readonly grant?: string | undefined; readonly issuer?: string | undefined },
): Grant {
  if (wanted.grant !== undefined) {
    const found = newestOfName(grants, wanted.grant)
    if (
      found === undefined ||
      (wanted.issuer !== undefined && found.metadata.issuer !== wanted.issuer)
    )
      throw new GrantdError('unknown_grant', `no grant "${wanted.grant}"`, {
        hint: `grantd login ${wanted.grant} --issuer URL`,
      })
    return found
  }
  if (wanted.issuer === undefined)
    throw new GrantdError('invalid_request', 'one of "grant" and "issuer" is needed')
  const ofIssuer = currentGrants(grants).filter((grant) => grant.metadata.issuer === wanted.issuer)
  const living = ofIssuer.filter((grant) => grant.state.kind !== 'revoked')
  // tombstones stand in nobody's way; where there is nothing else, one of them says why
  const [only, ...others] = living.length > 0 ? living : ofIssuer.slice(-1)
  if (only === undefined) throw new GrantdError('unknown_grant', `no grant of "${wanted.issuer}"`)
  if (others.length > 0)
    throw new GrantdError(
      'invalid_request',
      `several grants of "${wanted.issuer}"; name one of them`,
    )
  return only
}

/**
 * One grant per name: the newest. An older one of the same name is only kept until
 * its revocation has reached the issuer.
 */
export function currentGrants(grants: readonly Grant[]): readonly Grant[] {
  return [...new Map(grants.map((grant) => [grant.name, grant])).values()]
}

function newestOfName(grants: readonly Grant[], name: string): Grant | undefined {
  return grants.findLast((grant) => grant.name === name)
}
