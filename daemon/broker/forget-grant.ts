import type { Rooms } from './rooms.ts'

/** Drops what memory keeps of a grant that gives no tokens any more. */
export function forgetTraces(rooms: Rooms, id: string): void {
  rooms.tokens.dropGrant(id)
  rooms.rejectedFloor.forget(id)
  rooms.uses.delete(id)
  rooms.usedBy.delete(id)
  rooms.backOff.clearAll(id)
  rooms.capabilities.endOfGrant(id)
  rooms.consent.forgetGrant(id)
  rooms.glass.endOfGrant(id)
}

/**
 * Removes a grant for good, and every trace of it.
 *
 * @throws GrantdError `vault_locked`
 */
export async function removeGrant(rooms: Rooms, id: string): Promise<void> {
  await rooms.vault().remove(id)
  forgetTraces(rooms, id)
}
