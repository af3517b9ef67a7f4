import type { VaultRekeyRequest, VaultStatus } from '@grantd/client/protocol'
import { changeOnRecord } from './change-on-record.ts'
import { passphraseSecret } from './passphrase-secret.ts'
import type { Caller } from './rooms.ts'
import type { VaultRooms } from './vault-rooms.ts'

const EVENTS = {
  begun: 'vault.rekey_begun',
  done: 'vault.rekeyed',
  failed: 'vault.rekey_failed',
} as const

/**
 * Seals every grant anew under a new key, while the daemon goes on serving. Cut short, it
 * can be asked for again.
 *
 * @throws GrantdError `invalid_request`, `vault_locked`, `audit_unavailable`
 */
export async function rekeyVault(
  rooms: VaultRooms,
  caller: Caller,
  { provider, passphrase }: VaultRekeyRequest,
): Promise<VaultStatus> {
  return await changeOnRecord(rooms, caller, EVENTS, () =>
    rooms.door.rekey({
      provider,
      ...(passphrase !== undefined && { passphrase: passphraseSecret(passphrase) }),
    }),
  )
}
