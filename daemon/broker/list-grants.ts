import type { GrantDetail, GrantInventory, GrantList } from '@grantd/client/protocol'
import type { Grant } from '../grant/grant.ts'
import { mergeUsedBy } from '../grant/used-by.ts'
import { policyQuestion } from './ask-policy.ts'
import { outlivedReason } from './enforce-lifetime.ts'
import { exposureOf } from './exposure.ts'
import { grantDetail, grantSummary } from './grant-detail.ts'
import type { Caller, Rooms } from './rooms.ts'
import { currentGrants, selectGrant } from './select-grant.ts'

/**
 * Names and states of the grants a caller may have tokens of.
 *
 * @throws GrantdError `config_invalid`, `vault_locked`
 */
export async function listGrantNames(rooms: Rooms, caller: Caller): Promise<GrantList> {
  rooms.requireConfig()
  const allowed: Grant[] = []
  for (const grant of currentGrants(rooms.vault().list()))
    if (await mayAsk(rooms, caller, grant)) allowed.push(grant)
  // a hash takes time to read: the rules may have changed
  rooms.requireConfig()
  return { grants: allowed.map(grantSummary) }
}

/** For some audience, and for some scope: the least of them is none. */
async function mayAsk(rooms: Rooms, caller: Caller, grant: Grant): Promise<boolean> {
  for (const audience of audiencesOf(grant)) {
    const question = await policyQuestion(rooms, caller, { grant, scope: [], audience })
    if (rooms.policy.decide(question).kind === 'allow') return true
  }
  return false
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
  const detail = (grant: Grant): GrantDetail => detailOf(rooms, grant, now)
  return {
    grants: current.map(detail),
    replaced: all.filter((grant) => isQueued(grant) && !current.includes(grant)).map(detail),
  }
}

/** @throws GrantdError `unknown_grant` */
export function showGrant(rooms: Rooms, name: string): GrantDetail {
  const grant = selectGrant(rooms.vault().list(), { grant: name })
  return detailOf(rooms, grant, rooms.clock.now())
}

function detailOf(rooms: Rooms, grant: Grant, now: number): GrantDetail {
  const capabilities = rooms.capabilities.ofGrant(grant.id)
  const usedBy = mergeUsedBy(grant.usedBy ?? [], rooms.usedBy.get(grant.id) ?? [])
  const exposure = exposureOf(grant, {
    lifetime: rooms.lifetimeOf(grant.name),
    usedAt: rooms.uses.get(grant.id) ?? grant.lastUsedAt,
    isOutlived: outlivedReason(rooms, grant) !== undefined,
    now,
  })
  return {
    ...grantDetail(grant, rooms.uses.get(grant.id), now),
    ...(usedBy.length > 0 && {
      used_by: usedBy.map(({ executable, at }) => ({
        executable,
        last_used_at: new Date(at).toISOString(),
      })),
    }),
    ...(exposure.length > 0 && { exposure }),
    ...(capabilities.length > 0 && { capabilities }),
  }
}
