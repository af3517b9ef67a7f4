import type { GrantState } from '../grant/grant.ts'
import { removeGrant } from './forget-grant.ts'
import { inLanes } from './in-lanes.ts'
import { isPausing } from './revocation-pause.ts'
import { endAtIssuer, endLocally } from './revoke-grant.ts'
import type { Rooms } from './rooms.ts'
import { currentGrants } from './select-grant.ts'

/** Grants of one issuer that it hears of at a time: offline for weeks, and many may wait. */
const GRANTS_PER_ISSUER = 4

/**
 * Tells the issuers of revocations that did not get through, and forgets the grants
 * that a newer login has replaced once theirs did. A replaced grant that a crash left
 * alive ends here. Each grant fails alone, and one whose last attempt failed is left in
 * peace until its pause is over, also by a daemon that was started again.
 *
 * @param signal Begins nothing any more: at the end of the daemon nobody waits for the
 *   issuers of grants that are queued on disk anyway.
 * @returns How many are still queued.
 */
export async function retryRevocations(rooms: Rooms, signal?: AbortSignal): Promise<number> {
  const vault = rooms.vault()
  const current = new Set(currentGrants(vault.list()).map((grant) => grant.id))
  const open = vault.list().filter(({ id, state }) => !current.has(id) || isQueued(state))
  let left = 0
  await inLanes(
    open,
    ({ metadata }) => metadata.issuer,
    GRANTS_PER_ISSUER,
    async ({ id }) => {
      if (signal?.aborted === true || (await tryOne(rooms, id, !current.has(id)))) left += 1
    },
  )
  return left
}

/** True for the state of a grant of whose end its issuer has not heard yet. */
export function isQueued(state: GrantState): boolean {
  return state.kind === 'revoked' && state.revocation === 'queued'
}

/** True when the issuer has still to hear of it. */
async function tryOne(rooms: Rooms, id: string, isReplaced: boolean): Promise<boolean> {
  const vault = rooms.vault()
  const before = vault.get(id)?.state
  if (before?.kind === 'revoked' && isPausing(before.report, rooms.clock.now())) return true
  try {
    if (before?.kind !== 'revoked') await endLocally(rooms, undefined, id)
    const { state } = await endAtIssuer(rooms, id)
    if (state.kind === 'revoked' && state.revocation === 'queued') return true
    if (isReplaced) await removeGrant(rooms, id)
    return false
  } catch {
    // the vault or the audit log could not be written: its record still says what is to be done
    return true
  }
}
