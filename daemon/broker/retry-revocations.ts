import { endAtIssuer } from './revoke-grant.ts'
import type { Rooms } from './rooms.ts'
import { currentGrants } from './select-grant.ts'

/**
 * Tells the issuers of revocations that did not get through, and forgets the grants
 * that a newer login has replaced once theirs did. Each grant fails alone.
 *
 * @returns How many are still queued.
 */
export async function retryRevocations(rooms: Rooms): Promise<number> {
  const vault = rooms.vault()
  const current = new Set(currentGrants(vault.list()).map((grant) => grant.id))
  const left = await Promise.all(
    vault.list().map(async (grant) => {
      if (grant.state.kind !== 'revoked') return false
      const after = grant.state.revocation === 'queued' ? await tryOne(rooms, grant.id) : 'done'
      if (after === 'done' && !current.has(grant.id)) await vault.remove(grant.id)
      return after === 'queued'
    }),
  )
  return left.filter(Boolean).length
}

async function tryOne(rooms: Rooms, id: string): Promise<'queued' | 'done'> {
  try {
    const grant = await endAtIssuer(rooms, id)
    return grant.state.kind === 'revoked' && grant.state.revocation === 'queued' ? 'queued' : 'done'
  } catch {
    // the vault or the audit log could not be written: it stays queued in its record
    return 'queued'
  }
}
