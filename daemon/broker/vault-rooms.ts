import type { AuditLog } from '../audit/audit-log.ts'
import type { AuditEntry } from '../audit/audit-record.ts'
import type { Consent } from '../consent/consent.ts'
import type { Renewals } from '../token/renewals.ts'
import type { TokenCache } from '../token/token-cache.ts'
import type { VaultDoor } from '../vault/vault-door.ts'
import type { VaultFacts } from '../vault/vault-facts.ts'
import type { GlassBook } from './broken-glass.ts'
import type { IdleTime } from './idle-time.ts'
import type { Logins } from './logins.ts'
import type { Caller } from './rooms.ts'

/** What the use cases of the vault itself walk through. */
export interface VaultRooms {
  readonly door: Pick<VaultDoor, 'facts' | 'lock' | 'unlock' | 'init' | 'rekey'>
  readonly tokens: Pick<TokenCache, 'clear'>
  readonly renewals: Pick<Renewals, 'clear'>
  readonly consent: Pick<Consent, 'forgetAll'>
  readonly glass: Pick<GlassBook, 'endAll'>
  readonly logins: Pick<Logins, 'cancelAll'>
  readonly audit: AuditLog
  /** Since when no token was handed out; a vault that was just opened is not idle. */
  readonly idle: IdleTime
}

/**
 * What every line about the vault says.
 *
 * @param caller Undefined when the daemon itself acted.
 */
export function vaultEntry(
  caller: Caller | undefined,
  { provider, keyId, records }: VaultFacts,
): Omit<AuditEntry, 'event'> {
  return {
    ...(caller && { peer: caller.peer }),
    ...(provider !== undefined && { provider }),
    ...(keyId !== undefined && { keyId }),
    records,
  }
}
