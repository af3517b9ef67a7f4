import { wipeRecord } from '../grant/grant-record.ts'
import type { VaultDoor } from '../vault/vault-door.ts'

/**
 * Opens one record, so that a sealing key that has gone is seen. A locked vault is well: it
 * says so to everybody who asks.
 *
 * @returns One sentence about the vault, for a person.
 * @throws BrokenRecordError, GrantdError
 */
export function checkVault(door: Pick<VaultDoor, 'state' | 'current'>): string {
  const { kind, detail } = door.state()
  if (kind === 'locked') return detail
  const vault = door.current()
  const grants = vault.list()
  const [grant] = grants
  if (grant !== undefined) wipeRecord(vault.open(grant.id))
  return `${grants.length} ${grants.length === 1 ? 'grant' : 'grants'}; ${detail}`
}
