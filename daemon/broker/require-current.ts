import { GrantdError } from '@grantd/client/protocol'
import type { Grant } from '../grant/grant.ts'
import type { Rooms } from './rooms.ts'
import { selectGrant } from './select-grant.ts'
import { loginHint } from './token-key.ts'

/**
 * The grant as it is now: while somebody waited it may have been revoked, or another login
 * may stand in its place.
 *
 * @throws GrantdError `login_required`, `unknown_grant`, `vault_locked`
 */
export function requireCurrent(rooms: Pick<Rooms, 'vault'>, grant: Grant): Grant {
  const current = selectGrant(rooms.vault().list(), { grant: grant.name })
  if (current.id === grant.id && current.state.kind !== 'revoked') return current
  throw new GrantdError('login_required', `"${grant.name}" was revoked meanwhile`, loginHint(grant))
}
