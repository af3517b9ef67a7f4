import { GrantdError } from '@grantd/client/protocol'
import type { AuditEntry } from '../audit/audit-record.ts'
import type { Rooms } from './rooms.ts'

/** A login that was refused is on record with its code, best effort: the refusal itself counts. */
export async function recordFailedLogin(
  { audit }: Pick<Rooms, 'audit'>,
  facts: Omit<AuditEntry, 'event' | 'reason'>,
  error: unknown,
): Promise<void> {
  const reason = error instanceof GrantdError ? error.code : 'internal_error'
  await audit.appendDurably({ ...facts, event: 'login.failed', reason }).catch(() => undefined) // the first error counts
}
