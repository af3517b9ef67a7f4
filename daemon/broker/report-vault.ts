import type { VaultStatus } from '@grantd/client/protocol'
import type { VaultFacts } from '../vault/vault-facts.ts'

/** What the owner may know of the vault; nothing of it opens anything. */
export function reportVault(facts: VaultFacts): VaultStatus {
  const { provider, keyId, lockedBy, needs, reason, hint } = facts
  return {
    state: facts.state,
    ...(provider !== undefined && { provider }),
    ...(keyId !== undefined && { key_id: keyId }),
    records: facts.records,
    broken: facts.broken.map(({ file, reason }) => ({ file, reason })),
    rekey_unfinished: facts.isRekeying,
    ...(lockedBy !== undefined && { locked_by: lockedBy }),
    ...(needs !== undefined && { needs }),
    ...(reason !== undefined && { reason }),
    ...(hint !== undefined && { hint }),
  }
}
