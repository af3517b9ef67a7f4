import type { IssuerMetadata } from '../grant/grant.ts'
import { isSafeAddress } from './address.ts'
import type { Discovery } from './issuer.ts'

/**
 * Looks at metadata that somebody wrote down, because the issuer publishes none, as closely as
 * at what an issuer says: one address that is not `https` refuses it all.
 */
export function takeStatedMetadata(
  metadata: IssuerMetadata,
  allowLoopbackHttp: boolean,
): Discovery {
  for (const [name, address] of Object.entries(metadata))
    if (
      (name === 'issuer' || name.endsWith('_endpoint')) &&
      !isSafeAddress(address, allowLoopbackHttp)
    )
      return { kind: 'no_issuer', reason: `"${name}" is not an https address` }
  return { kind: 'found', metadata }
}
