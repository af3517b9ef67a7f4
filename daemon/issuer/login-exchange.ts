import type { Secret } from '../base/secret.ts'
import { beginExchange, type Exchange, type IssuerRoom } from './exchange.ts'
import type { IssuerClient, LoginAnswer } from './issuer.ts'
import { issuerFailure } from './issuer-failure.ts'
import { patientSignal } from './patient-signal.ts'
import { revokeToken } from './revoke-token.ts'
import { type LibraryAnswer, readTokenAnswer } from './token-answer.ts'
import type { Trace } from './trace.ts'

/**
 * An issuer that works answers within this; the person who gave up, or locks the vault, and
 * the end of the daemon wait no longer for one that does not.
 */
const GIVEN_UP_MS = 3_000

/**
 * The token request that ends a login. Its refresh token is taken from the
 * bytes like a successor; nothing has to be durable yet, since without an answer
 * the person logs in again.
 *
 * @param signal Begins nothing any more; what was sent is waited for a little longer, since
 *   a refresh token that nobody reads would live on.
 * @param ask Calls the library; what it throws is not looked at.
 * @param onFailure Reads the trace before it counts as a failure.
 */
export async function exchangeForLogin<Special>(
  room: IssuerRoom,
  client: IssuerClient,
  signal: AbortSignal,
  ask: (exchange: Exchange) => Promise<LibraryAnswer>,
  onFailure: (trace: Trace) => Special | undefined,
): Promise<LoginAnswer | Special> {
  let refreshToken: Secret | undefined
  const patient = patientSignal(signal, GIVEN_UP_MS)
  const exchange = await beginExchange(
    room,
    client,
    async (successor) => {
      refreshToken = successor.refreshToken
    },
    { signal: patient.signal, isLogin: true },
  )
  let said: LibraryAnswer | undefined
  try {
    said = await ask(exchange)
  } catch {
    // On purpose without a name: see refresh-exchange.ts.
  } finally {
    patient.release()
  }
  const { trace } = exchange
  const answer = said === undefined ? undefined : readTokenAnswer(said)
  if (answer !== undefined) {
    if (refreshToken === undefined) return { kind: 'no_refresh_token' }
    const { subject } = trace
    return { kind: 'answered', answer, refreshToken, ...(subject !== undefined && { subject }) }
  }
  if (refreshToken !== undefined) {
    // Nobody will ever use it: it must not live on at the issuer. Best effort, like the login.
    await revokeToken(room, client, refreshToken, 'refresh_token')
    refreshToken.wipe()
  }
  return onFailure(trace) ?? issuerFailure(trace)
}
