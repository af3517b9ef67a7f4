import type { VaultStatus } from '@grantd/client/protocol'
import { reportVault } from './report-vault.ts'
import type { Caller } from './rooms.ts'
import { type VaultRooms, vaultEntry } from './vault-rooms.ts'

/**
 * Ends access to everything at once: no request gets the vault any more, cached access
 * tokens and what a person allowed are dropped, lifted rules hold again, pending logins are
 * cancelled. What was sent to an issuer is waited for, so that its successor is kept; whoever waits for its token gets `vault_locked`. An
 * audit log that cannot be written stops none of it, and is told at the end.
 *
 * @param caller Undefined: nobody used it for long enough.
 * @throws GrantdError `invalid_request` for a vault in memory, `vault_locked` when a record
 *   cannot be saved that would be lost, `audit_unavailable`, and then it is locked all the same
 */
export async function lockVault(
  rooms: VaultRooms,
  caller: Caller | undefined,
): Promise<VaultStatus> {
  const { door, audit } = rooms
  const by = caller === undefined ? 'idle' : 'person'
  const [locking] = await Promise.allSettled([door.lock(by), forget(rooms)])
  const facts = door.facts()
  if (facts.state === 'locked') {
    // once more: an exchange that has landed meanwhile may have left a token
    await forget(rooms)
    await audit.appendDurably({ event: 'vault.locked', reason: by, ...vaultEntry(caller, facts) })
  }
  // it may be locked all the same, but only until a restart
  if (locking.status === 'rejected') throw locking.reason
  return reportVault(facts)
}

/** A vault whose lock was refused keeps its tokens, and its logins go on. */
async function forget(rooms: VaultRooms): Promise<void> {
  const { door, tokens, renewals, consent, glass, logins } = rooms
  if (door.facts().state !== 'locked') return
  tokens.clear()
  renewals.clear()
  consent.forgetAll()
  glass.endAll('locked')
  await logins.cancelAll()
}
