import { GrantdError } from '@grantd/client/protocol'
import type { StartedLogin } from '../issuer/issuer.ts'
import { type AnsweredLogin, keepLogin } from './keep-login.ts'
import { loginFailureError } from './login-failure.ts'
import type { LoginEnd } from './pending-login.ts'
import type { Caller, Rooms } from './rooms.ts'

/** Why a login was cancelled that nobody cancelled: it outlived every patience. */
export const EXPIRED = 'expired'

/** Whose login it is, and where it goes. */
export interface LoginPlace {
  readonly rooms: Rooms
  readonly caller: Caller
  /** What a person must be told after a login, such as where grants are kept. */
  readonly noticeOf: () => string | undefined
}

/**
 * Waits for the person, and keeps what came of a login, or puts on record why nothing did. It
 * never rejects.
 *
 * @param signal What cancels it; its reason is {@link EXPIRED} when its time was over.
 */
export async function finishLogin(
  { rooms, caller, noticeOf }: LoginPlace,
  login: Omit<AnsweredLogin, 'answer'>,
  started: StartedLogin,
  signal: AbortSignal,
): Promise<LoginEnd> {
  const { audit } = rooms
  const facts = { peer: caller.peer, grant: login.request.grant, issuer: login.metadata.issuer }
  try {
    const answer = await started.finished(signal)
    if (answer.kind !== 'answered') {
      const error = loginFailureError(
        answer.kind === 'cancelled' && signal.reason === EXPIRED ? { kind: 'expired' } : answer,
      )
      if (error === undefined) {
        await audit.appendDurably({ event: 'login.cancelled', ...facts })
        return { state: 'cancelled' }
      }
      throw error
    }
    const { detail, notices } = await keepLogin(rooms, caller, { ...login, answer })
    const told = [...notices, ...[noticeOf() ?? []].flat()]
    const notice = told.length === 0 ? undefined : told.join('; ')
    return { state: 'complete', result: detail, notice }
  } catch (error) {
    const failure =
      error instanceof GrantdError
        ? error
        : new GrantdError('internal_error', 'a mistake of the daemon')
    await audit
      .appendDurably({ event: 'login.failed', reason: failure.code, ...facts })
      .catch(() => undefined) // the login failed already; what waits for it must hear so
    return { state: 'failed', error: failure }
  }
}
