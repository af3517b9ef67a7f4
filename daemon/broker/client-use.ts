import type { Grant } from '../grant/grant.ts'

/** Who else needs the client of a grant: a newer grant, an older one that is not settled, nobody. */
export type ClientUse = 'newer' | 'older' | 'none'

/**
 * Whether a registered client may go with its grant. A newer login of the same client takes
 * over: it goes with that one. An older one that its issuer has still to hear of is told in
 * the client's name first.
 */
export function clientUse(grants: readonly Grant[], grant: Grant): ClientUse {
  const others = grants.filter(
    (other) =>
      other.id !== grant.id &&
      other.clientId === grant.clientId &&
      other.metadata.issuer === grant.metadata.issuer &&
      (other.state.kind !== 'revoked' || other.state.revocation === 'queued'),
  )
  if (others.some(({ createdAt }) => createdAt > grant.createdAt)) return 'newer'
  return others.length > 0 ? 'older' : 'none'
}
