import { removeGrant } from './forget-grant.ts'
import { isPausing } from './revocation-pause.ts'
import { endAtIssuer, endLocally } from './revoke-grant.ts'
import type { Rooms } from './rooms.ts'
import { currentGrants } from './select-grant.ts'

/**
 * Tells the issuers of revocations that did not get through, and forgets the grants
 * that a newer login has replaced once theirs did. A replaced grant that a crash left
 * alive ends here. Each grant fails alone, and one whose last attempt failed is left in
 * peace until its pause is over, also by a daemon that was started again.
 *
 * @returns How many are still queued.
 */
export async function retryRevocations(rooms: Rooms): Promise<number> {
  const vault = rooms.vault()
  const current = new Set(currentGrants(vault.list()).map((grant) => grant.id))
  const left = await Promise.all(
    vault.list().map(async (grant) => {
      const isReplaced = !current.has(grant.id)
      if (!isReplaced && grant.state.kind !== 'revoked') return false
      return await tryOne(rooms, grant.id, isReplaced)
    }),
  )
  return left.filter(Boolean).length
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
