import type { GrantDetail, GrantdError, LoginView } from '@grantd/client/protocol'
import { tokenHash } from '../base/token-hash.ts'
import type { StartedLogin } from '../issuer/issuer.ts'
import type { LoginPlan } from './plan-login.ts'
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
  /** Without the client's secret. */
  readonly request: LoginPlan
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

/**
 * Two requests with the same key mean the same login, and the second can join the
 * first. Of the client's secret it holds the hash.
 */
export function loginKey(request: LoginPlan): string {
  const { grant, issuer, client_id, client_secret, flow } = request
  const { scope = '', audience = [], scope_narrowing = 'none' } = request
  const { rotation_grace = null, refresh_invalidates_access_tokens = false } = request
  const issuerWays = [scope_narrowing, rotation_grace, refresh_invalidates_access_tokens]
  const secrets = [client_secret, request.registration_token].map((secret) =>
    secret === undefined ? null : tokenHash(secret),
  )
  return JSON.stringify([
    grant,
    issuer,
    client_id,
    ...secrets,
    flow,
    request.preset ?? null,
    request.stated ?? null,
    scope,
    audience,
    ...issuerWays,
  ])
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
