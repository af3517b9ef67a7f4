import type { Secret } from '../base/secret.ts'
import type { IssuerRoom } from './exchange.ts'
import type { DeletionAnswer } from './issuer.ts'
import { failureReason } from './issuer-failure.ts'
import { askPlainly } from './plain-request.ts'

/** What an issuer answers that lets nobody delete a client, RFC 7592 §2.3. */
const NOT_SUPPORTED = [405, 501]

/**
 * Deletes a client that was registered for this machine, RFC 7592 §2.3.
 *
 * @param managementUri `registration_client_uri`, as the issuer gave it.
 */
export async function deleteClient(
  room: IssuerRoom,
  managementUri: string,
  registrationToken: Secret,
): Promise<DeletionAnswer> {
  const { trace, body } = await askPlainly(room, {
    url: managementUri,
    method: 'DELETE',
    bearer: registrationToken,
  })
  body?.fill(0)
  if (body !== undefined) return { kind: 'deleted' }
  const { status = 0, isComplete, retryAfterSeconds } = trace
  if (isComplete && NOT_SUPPORTED.includes(status)) return { kind: 'unsupported' }
  const reason = failureReason(trace)
  if (isComplete && status >= 400 && status < 500 && status !== 429)
    return { kind: 'refused', reason }
  return { kind: 'failed', reason, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }
}
