import { beginExchange, type IssuerRoom } from './exchange.ts'
import type { RefreshAnswer, RefreshRequest } from './issuer.ts'
import { inDoubt, issuerFailure } from './issuer-failure.ts'
import { type LibraryAnswer, readTokenAnswer } from './token-answer.ts'

/**
 * One refresh, RFC 6749 §6. By the time it returns, a successor that came is
 * durable, whatever the answer turned out to be: a failure after
 * `keepSuccessor` was called means the successor is the live token.
 *
 * @throws What `keepSuccessor` rejected with, the same object; nothing else.
 */
export async function exchangeRefreshToken(
  room: IssuerRoom,
  request: RefreshRequest,
): Promise<RefreshAnswer> {
  const { refreshToken } = request
  const begun = beginExchange(room, request.client, request.keepSuccessor, { refreshToken })
  // where it cannot even begin, the token is as good as before, and no doubt is left
  const exchange = await begun.catch(() => undefined)
  if (exchange === undefined) return { kind: 'not_sent', reason: 'request could not be made' }
  const { library, configuration, trace } = exchange
  const parameters = new URLSearchParams()
  if (request.scope !== undefined) parameters.set('scope', request.scope.join(' '))
  if (request.audience !== undefined) parameters.set('resource', request.audience)
  let said: LibraryAnswer | undefined
  try {
    said = await library.refreshTokenGrant(configuration, refreshToken.reveal(), parameters)
  } catch {
    // On purpose without a name: the error may hold the answer, and the trace knows the reason.
  }
  if (trace.keepFailure !== undefined) throw trace.keepFailure.error
  if (said === undefined) return issuerFailure(trace)
  const answer = readTokenAnswer(said)
  if (answer === undefined) return inDoubt('answer is unusable', trace)
  return { kind: 'answered', answer, hasSuccessor: trace.hasSuccessor }
}
