import { GrantdError } from '@grantd/client/protocol'
import { errorCode } from './error-code.ts'

/**
 * What callers hear when the disk of the vault refuses.
 *
 * @throws GrantdError `vault_locked`, always
 */
export function unwritten(error: unknown): never {
  throw new GrantdError('vault_locked', `the vault cannot be written: ${errorCode(error)}`, {
    hint: 'make room on the disk of the state directory, and let us write to it',
  })
}
