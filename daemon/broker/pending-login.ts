import type { GrantDetail, GrantdError, LoginRequest, LoginView } from '@grantd/client/protocol'
import type { StartedLogin } from '../issuer/issuer.ts'
import type { Caller } from './rooms.ts'

/** How a pending login ended. */
export type LoginEnd =
  | {
      readonly state: 'complete'
      readonly result: GrantDetail
      readonly notice?: string | undefined
    }
  | { readonly state: 'failed'; readonly error: GrantdError }
  | { readonly state: 'cancelled' }

/** A login somebody has to finish elsewhere. */
export interface PendingLogin {
  readonly id: string
  readonly request: LoginRequest
  readonly caller: Caller
  readonly started: StartedLogin
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  readonly cancel: AbortController
  /** Resolves when it ended; never rejects. */
  readonly ended: Promise<LoginEnd>
  /** Set once it ended. */
  end?: LoginEnd
  /** When its outcome is forgotten; milliseconds, monotonic. Set once it ended. */
  forgetAt?: number
}

/** True when a second request means the same login and can join it. */
export function isSameLogin(one: LoginRequest, other: LoginRequest): boolean {
  return keyOf(one) === keyOf(other)
}

function keyOf(request: LoginRequest): string {
  const { grant, issuer, client_id, flow } = request
  const { scope = '', audience = [], scope_narrowing = 'none' } = request
  return JSON.stringify([grant, issuer, client_id, flow, scope, audience, scope_narrowing])
}

/**
 * What the command shows of a login.
 *
 * @param problemOf Turns the error into its wire form.
 */
export function loginView(
  login: PendingLogin,
  joined: boolean,
  now: number,
  problemOf: (error: GrantdError) => NonNullable<LoginView['problem']>,
): LoginView {
  const { started, end } = login
  return {
    id: login.id,
    grant: login.request.grant,
    flow: login.request.flow,
    state: end?.state ?? 'pending',
    joined,
    ...(started.verificationUri !== undefined && { verification_uri: started.verificationUri }),
    ...(started.verificationUriComplete !== undefined && {
      verification_uri_complete: started.verificationUriComplete,
    }),
    ...(started.userCode !== undefined && { user_code: started.userCode }),
    ...(started.authorizationUri !== undefined && { authorization_uri: started.authorizationUri }),
    expires_in: Math.max(0, Math.ceil((login.expiresAt - now) / 1000)),
    ...(end?.state === 'failed' && { problem: problemOf(end.error) }),
    ...(end?.state === 'complete' && { result: end.result }),
    ...(end?.state === 'complete' && end.notice !== undefined && { notice: end.notice }),
  }
}
