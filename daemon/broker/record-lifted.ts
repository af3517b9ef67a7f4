import type { Grant } from '../grant/grant.ts'
import type { Allowed } from '../policy/decision.ts'
import type { AccessToken } from '../token/access-token.ts'
import type { Caller, Rooms } from './rooms.ts'

/**
 * A token that rules would have refused or narrowed, were they not lifted, has a line of its
 * own before it leaves, and is counted.
 *
 * @throws GrantdError `audit_unavailable`
 */
export function recordLifted(
  rooms: Pick<Rooms, 'audit' | 'glass'>,
  { peer, held }: Caller,
  { id, name }: Grant,
  token: AccessToken,
  { lifted }: Allowed,
): void {
  if (lifted === undefined) return
  rooms.audit.append({
    event: 'break_glass.used',
    peer,
    ...(held && { capability: held.name }),
    grant: name,
    grantId: id,
    scope: token.scope,
    audience: token.audience,
    token: token.mark,
    lifted,
    request: { reason: rooms.glass.reasonFor(id, peer.class) },
  })
  rooms.glass.countUse(id)
}
