import type { RevocationReport } from '../grant/grant.ts'
import type { GrantRecord } from '../grant/grant-record.ts'
import type { Issuers } from '../issuer/issuer.ts'
import type { ClientUse } from './client-use.ts'

/** What became of a registered client. */
interface ClientEnd {
  /** Absent while it is still to be deleted. */
  readonly client?: NonNullable<RevocationReport['client']>
  readonly problem?: string
  readonly retryAfterSeconds?: number
}

/**
 * Deletes the client that was registered for a grant, once nothing of the grant is left
 * and nobody else needs it.
 *
 * @see RFC 7592 §2.3
 */
export async function endClient(
  issuers: Issuers,
  { grant, registrationToken }: GrantRecord,
  use: ClientUse,
): Promise<ClientEnd> {
  if (use === 'newer') return { client: 'kept' }
  if (use === 'older') return { problem: 'an earlier login has still to be ended by this client' }
  const managementUri = grant.registration?.managementUri
  if (managementUri === undefined || registrationToken === undefined)
    return { client: 'unsupported', problem: 'the issuer lets nobody delete the registered client' }
  const answer = await issuers.deleteClient(managementUri, registrationToken)
  switch (answer.kind) {
    case 'deleted':
      return { client: 'deleted' }
    case 'unsupported':
      return {
        client: 'unsupported',
        problem: 'the issuer lets nobody delete the registered client',
      }
    case 'refused':
      return { client: 'refused', problem: `the registered client stays: ${answer.reason}` }
    case 'failed':
      return {
        problem: `the registered client is not deleted yet: ${answer.reason}`,
        ...(answer.retryAfterSeconds !== undefined && {
          retryAfterSeconds: answer.retryAfterSeconds,
        }),
      }
    default:
      return answer satisfies never
  }
}
