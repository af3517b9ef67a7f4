import type { Secret } from '../base/secret.ts'
import { beginExchange, type IssuerRoom, keepNothing } from './exchange.ts'
import type { IssuerClient, RevocationAnswer } from './issuer.ts'
import { issuerFailure } from './issuer-failure.ts'
import type { Trace } from './trace.ts'

/**
 * Revokes a refresh token, RFC 7009. An issuer that answers anything but 2xx has
 * not revoked it, with two exceptions: `invalid_grant` says that it is dead
 * already, and `unsupported_token_type` that asking again is no use. The status says
 * it all: what else a 2xx answer holds is not read, RFC 7009 §2.2.
 */
export async function revokeToken(
  room: IssuerRoom,
  client: IssuerClient,
  refreshToken: Secret,
): Promise<RevocationAnswer> {
  if (client.metadata.revocation_endpoint === undefined) return { kind: 'unsupported' }
  const { library, configuration, trace } = await beginExchange(room, client, keepNothing)
  await library
    .tokenRevocation(configuration, refreshToken.reveal(), { token_type_hint: 'refresh_token' })
    .catch(() => undefined)
  if (isSuccess(trace)) return { kind: 'revoked' }
  if (trace.error === 'unsupported_token_type') return { kind: 'unsupported' }
  const failure = issuerFailure(trace)
  if (failure.kind === 'grant_dead') return { kind: 'revoked' }
  if (failure.kind === 'retry_later') {
    return { kind: 'failed', reason: `issuer asks to wait ${failure.retryAfterSeconds} s` }
  }
  return { kind: 'failed', reason: 'reason' in failure ? failure.reason : failure.code }
}

function isSuccess({ status = 0, isComplete }: Trace): boolean {
  return isComplete && status >= 200 && status < 300
}
