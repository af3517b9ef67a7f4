import { GrantdError, type Problem } from '@grantd/client/protocol'
import type { StartedLogin } from '../issuer/issuer.ts'

/** Another login of the same name waits for a person; says where, so that it can be finished. */
export class PendingLoginError extends GrantdError {
  /** Absent when there is no address to open or the login has not begun yet. */
  readonly login: Problem['login']

  /** @param started What the issuer gave to show, once it did. */
  constructor(grant: string, started: StartedLogin | undefined) {
    super('invalid_request', `another login for "${grant}" is pending`, {
      hint: 'finish or cancel it first',
    })
    const { verificationUri, userCode } = started ?? {}
    this.login =
      verificationUri === undefined
        ? undefined
        : {
            verification_uri: verificationUri,
            ...(userCode !== undefined && { user_code: userCode }),
          }
  }
}
