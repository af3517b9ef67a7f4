import type { Secret } from '../base/secret.ts'
import { beginExchange, type IssuerRoom, keepNothing } from './exchange.ts'
import type { IssuerClient, RevocationAnswer, TokenHint } from './issuer.ts'
import { failureReason } from './issuer-failure.ts'
import type { Trace } from './trace.ts'

/**
 * Revokes one token, RFC 7009. An issuer that answers anything but 2xx has
 * not revoked it, with two exceptions: `invalid_grant` says that it is dead
 * already, and `unsupported_token_type` that asking again is no use. The status says
 * it all: what else a 2xx answer holds is not read, RFC 7009 §2.2.
 */
export async function revokeToken(
  room: IssuerRoom,
  client: IssuerClient,
  token: Secret,
  hint: TokenHint,
): Promise<RevocationAnswer> {
  if (client.metadata.revocation_endpoint === undefined) return { kind: 'unsupported' }
  const { library, configuration, trace } = await beginExchange(room, client, keepNothing)
  await library
    .tokenRevocation(configuration, token.reveal(), { token_type_hint: hint })
    .catch(() => undefined)
  if (isSuccess(trace) || trace.error === 'invalid_grant') return { kind: 'revoked' }
  if (trace.error === 'unsupported_token_type') return { kind: 'unsupported' }
  const reason = failureReason(trace)
  if (isRefusal(trace)) return { kind: 'refused', reason }
  const { retryAfterSeconds } = trace
  return { kind: 'failed', reason, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }
}

function isSuccess({ status = 0, isComplete }: Trace): boolean {
  return isComplete && status >= 200 && status < 300
}

/** A whole answer of the class that blames the request; 429 blames its time only. */
function isRefusal({ status = 0, isComplete }: Trace): boolean {
  return isComplete && status >= 400 && status < 500 && status !== 429
}
