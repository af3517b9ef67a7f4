import { GrantdError } from '@grantd/client/protocol'
import type { StartedLogin } from '../issuer/issuer.ts'

/**
 * Another login of the same name waits for a person; says where, so that it can be
 * finished.
 *
 * @param started What the issuer gave to show; absent while the login has not begun.
 */
export function pendingLoginError(grant: string, started: StartedLogin | undefined): GrantdError {
  const { verificationUri, userCode } = started ?? {}
  return new GrantdError('invalid_request', `another login for "${grant}" is pending`, {
    hint: 'finish or cancel it first',
    ...(verificationUri !== undefined && { login: { verificationUri, userCode } }),
  })
}
