import { GrantdError, type VaultStatus, type VaultUnlockRequest } from '@grantd/client/protocol'
import { passphraseSecret } from './passphrase-secret.ts'
import { reportVault } from './report-vault.ts'
import type { Caller } from './rooms.ts'
import { type VaultRooms, vaultEntry } from './vault-rooms.ts'

/**
 * Opens a locked vault; an open one stays as it is. A failed attempt is on record too.
 *
 * @throws GrantdError `vault_locked` and `rate_limited`, both with the time to wait after a
 *   wrong passphrase; `invalid_request`; `audit_unavailable`, and then it is open all the
 *   same: without a record no token leaves anyway
 */
export async function unlockVault(
  rooms: VaultRooms,
  caller: Caller,
  { passphrase }: VaultUnlockRequest,
): Promise<VaultStatus> {
  const { door, audit, idle } = rooms
  if (door.facts().state === 'open') return reportVault(door.facts())
  try {
    await door.unlock(passphraseSecret(passphrase))
  } catch (error) {
    const reason = error instanceof GrantdError ? error.code : 'internal_error'
    await audit
      .appendDurably({
        event: 'vault.unlock_failed',
        reason,
        ...vaultEntry(caller, door.facts()),
      })
      .catch(() => undefined) // the first error counts
    throw error
  }
  idle.end()
  const facts = door.facts()
  await audit.appendDurably({ event: 'vault.unlocked', ...vaultEntry(caller, facts) })
  return reportVault(facts)
}
