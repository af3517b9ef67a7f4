import { GrantdError } from '@grantd/client/protocol'
import type { Secret } from '../base/secret.ts'
import type { KeyWish } from './choose-key.ts'

/**
 * Refuses a wish for a new key that does not go together with the passphrase that came with
 * it: one that is not used would give a false sense of what the vault is locked with.
 *
 * @throws GrantdError `invalid_request`
 */
export function requireFittingPassphrase(keeper: KeyWish, passphrase: Secret | undefined): void {
  if (keeper === 'passphrase') {
    if (passphrase === undefined)
      throw new GrantdError('invalid_request', 'a key from a passphrase needs the passphrase')
    if (passphrase.revealBytes().length === 0)
      throw new GrantdError('invalid_request', 'an empty passphrase locks nothing')
  } else if (passphrase !== undefined)
    throw new GrantdError('invalid_request', 'only a key from a passphrase takes a passphrase')
}
