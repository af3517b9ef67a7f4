import type { VaultStatus } from '@grantd/client/protocol'
import { answer } from './answer.ts'
import type { Connection } from './world.ts'

/** Longer than a keychain, a slow passphrase or the exchanges under way may take. */
const CHANGE_TIMEOUT_MS = 120_000

/** How the vault is. */
export async function vaultStatus(admin: Connection): Promise<VaultStatus> {
  return checked(await admin.request({ method: 'GET', path: '/v1/vault' }))
}

/**
 * Changes the vault. It is sent once: a wrong passphrase counts, and a key that was made
 * must not be made again.
 *
 * @param body Undefined for a verb that takes none.
 */
export async function changeVault(
  admin: Connection,
  verb: 'lock' | 'unlock' | 'init' | 'rekey',
  body?: object,
): Promise<VaultStatus> {
  return checked(
    await admin.request({
      method: 'POST',
      path: `/v1/vault/${verb}`,
      ...(body && { body }),
      timeoutMs: CHANGE_TIMEOUT_MS,
      once: true,
    }),
  )
}

function checked(value: unknown): VaultStatus {
  return answer<VaultStatus>(value, 'state', 'records', 'broken', 'rekey_unfinished')
}
