import { lockVault } from './lock-vault.ts'
import type { VaultRooms } from './vault-rooms.ts'

/**
 * Locks a vault that nobody had a token of for too long. Grants in memory would end with
 * it: they stay.
 *
 * @param afterSeconds Undefined: never.
 * @throws GrantdError as `lockVault`
 */
export async function lockWhenIdle(
  rooms: VaultRooms,
  afterSeconds: number | undefined,
): Promise<void> {
  if (afterSeconds === undefined || rooms.idle.seconds < afterSeconds) return
  const { state, provider } = rooms.door.facts()
  if (state === 'open' && provider !== 'memory') await lockVault(rooms, undefined)
}
