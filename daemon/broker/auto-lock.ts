import type { IdleTime } from './idle-time.ts'
import { lockVault } from './lock-vault.ts'
import type { VaultRooms } from './vault-rooms.ts'

/** True when nobody had a token for so long. @param afterSeconds Undefined: never. */
export function isIdleTooLong(
  idle: Pick<IdleTime, 'seconds'>,
  afterSeconds: number | undefined,
): boolean {
  return afterSeconds !== undefined && idle.seconds >= afterSeconds
}

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
  if (!isIdleTooLong(rooms.idle, afterSeconds)) return
  const { state, provider } = rooms.door.facts()
  if (state === 'open' && provider !== 'memory') await lockVault(rooms, undefined)
}
