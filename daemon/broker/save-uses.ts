import { mergeUsedBy } from '../grant/used-by.ts'
import type { Rooms } from './rooms.ts'

/**
 * How far a record may be behind where no limit depends on it: it is only shown then, and
 * every write is a disk that has to spin up.
 */
const SHOWN_STALE_MS = 300_000

/**
 * Writes into the records when their grants were last used, and by which programs: at once where an idle limit
 * counts from there, now and then elsewhere.
 *
 * @param isLast True at the end of the daemon, when memory goes.
 * @throws GrantdError `vault_locked` when a record cannot be written, once all were tried
 */
export async function saveUses(rooms: Rooms, isLast: boolean): Promise<void> {
  const vault = rooms.vault()
  const writes = [...rooms.uses].map(async ([id, at]) => {
    const grant = vault.get(id)
    if (grant === undefined || grant.state.kind === 'revoked') return
    const isLimited = rooms.lifetimeOf(grant.name).idleAgeSeconds !== undefined
    const behindMs = at - (grant.lastUsedAt ?? 0)
    if (behindMs <= (isLast || isLimited ? 0 : SHOWN_STALE_MS)) return
    const seen = rooms.usedBy.get(id) ?? []
    await vault.change(id, (record) => {
      const usedBy = mergeUsedBy(record.grant.usedBy ?? [], seen)
      const lastUsedAt = Math.max(at, record.grant.lastUsedAt ?? 0)
      const grant = { ...record.grant, lastUsedAt, ...(usedBy.length > 0 && { usedBy }) }
      return { ...record, grant }
    })
  })
  for (const write of await Promise.allSettled(writes))
    if (write.status === 'rejected') throw write.reason as unknown
}
