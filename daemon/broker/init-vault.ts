import type { VaultInitRequest, VaultStatus } from '@grantd/client/protocol'
import { changeOnRecord } from './change-on-record.ts'
import { passphraseSecret } from './passphrase-secret.ts'
import type { Caller } from './rooms.ts'
import type { VaultRooms } from './vault-rooms.ts'

const EVENTS = {
  begun: 'vault.init_begun',
  done: 'vault.initialised',
  failed: 'vault.init_failed',
} as const

/**
 * Makes the first key of a vault; what lies sealed under a lost one is deleted when the
 * person says so, and its refresh tokens live on at the issuers.
 *
 * @throws GrantdError `invalid_request`, `vault_locked`, `audit_unavailable`
 */
export async function initVault(
  rooms: VaultRooms,
  caller: Caller,
  request: VaultInitRequest,
): Promise<VaultStatus> {
  return await changeOnRecord(rooms, caller, EVENTS, async () => {
    await rooms.door.init({
      provider: request.provider,
      ...(request.passphrase !== undefined && { passphrase: passphraseSecret(request.passphrase) }),
      discardSealed: request.discard_sealed ?? false,
    })
    // of grants that were deleted
    rooms.tokens.clear()
    rooms.idle.end()
  })
}
