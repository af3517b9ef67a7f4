import { GrantdError, type VaultStatus } from '@grantd/client/protocol'
import type { AuditEvent } from '../audit/audit-record.ts'
import { reportVault } from './report-vault.ts'
import type { Caller } from './rooms.ts'
import { type VaultRooms, vaultEntry } from './vault-rooms.ts'

/** The names of one change in the audit log. */
export interface ChangeEvents {
  readonly begun: AuditEvent
  readonly done: AuditEvent
  readonly failed: AuditEvent
}

/**
 * A change of the sealing key between two lines of the audit log. The first is durable
 * before anything is touched: where nothing can be recorded, no key is made and no record
 * deleted.
 *
 * @throws GrantdError `audit_unavailable`, and what the change throws
 */
export async function changeOnRecord(
  { audit, door }: VaultRooms,
  caller: Caller,
  events: ChangeEvents,
  change: () => Promise<unknown>,
): Promise<VaultStatus> {
  await audit.appendDurably({ event: events.begun, ...vaultEntry(caller, door.facts()) })
  try {
    await change()
  } catch (error) {
    const reason = error instanceof GrantdError ? error.code : 'internal_error'
    await audit
      .appendDurably({ event: events.failed, reason, ...vaultEntry(caller, door.facts()) })
      .catch(() => undefined) // the first error counts
    throw error
  }
  const facts = door.facts()
  await audit.appendDurably({ event: events.done, ...vaultEntry(caller, facts) })
  return reportVault(facts)
}
