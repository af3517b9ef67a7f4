import type { GrantDetail, GrantInventory, GrantList } from '@grantd/client/protocol'
import type { Grant } from '../grant/grant.ts'
import { grantDetail, grantSummary } from './grant-detail.ts'
import type { Caller, Rooms } from './rooms.ts'
import { currentGrants, selectGrant } from './select-grant.ts'

/**
 * Names and states of the grants a caller may have tokens of.
 *
 * @throws GrantdError `config_invalid`, `vault_locked`
 */
export function listGrantNames(rooms: Rooms, caller: Caller): GrantList {
  rooms.requireConfig()
  const { peer, listener } = caller
  const mayAsk = (grant: Grant): boolean =>
    audiencesOf(grant).some(
      (audience) => rooms.decide({ peer, listener, grant, scope: [], audience }).kind === 'allow',
    )
  return { grants: currentGrants(rooms.vault().list()).filter(mayAsk).map(grantSummary) }
}

/** A caller who may have a token for any of them may know the grant. */
function audiencesOf(grant: Grant): readonly (string | undefined)[] {
  return grant.audiences.length > 0 ? grant.audiences : [undefined]
}

function isQueued({ state }: Grant): boolean {
  return state.kind === 'revoked' && state.revocation === 'queued'
}

/** The inventory, for the owner. */
export function listGrants(rooms: Rooms): GrantInventory {
  const now = rooms.clock.now()
  const all = rooms.vault().list()
  const current = currentGrants(all)
  const detail = (grant: Grant): GrantDetail => grantDetail(grant, rooms.uses.get(grant.id), now)
  return {
    grants: current.map(detail),
    replaced: all.filter((grant) => isQueued(grant) && !current.includes(grant)).map(detail),
  }
}

/** @throws GrantdError `unknown_grant` */
export function showGrant(rooms: Rooms, name: string): GrantDetail {
  const grant = selectGrant(rooms.vault().list(), { grant: name })
  return grantDetail(grant, rooms.uses.get(grant.id), rooms.clock.now())
}
