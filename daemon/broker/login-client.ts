import { GrantdError } from '@grantd/client/protocol'
import type { AuditEntry } from '../audit/audit-record.ts'
import type { Secret } from '../base/secret.ts'
import type { IssuerMetadata } from '../grant/grant.ts'
import { type GrantRecord, wipeRecord } from '../grant/grant-record.ts'
import { issuerFailureError } from './login-failure.ts'
import type { LoginPlan } from './plan-login.ts'
import type { Rooms } from './rooms.ts'
import { currentGrants } from './select-grant.ts'

/** As whom a login is done. Its secrets are its own, wiped by {@link wipeClient}. */
export interface LoginClient {
  readonly clientId: string
  readonly clientSecret?: Secret
  /** True when an issuer registered it for this machine. */
  readonly isRegistered: boolean
  /** True when it was registered for this login, and goes with it if it fails. */
  readonly isNew: boolean
  /** Where it can be deleted, RFC 7592, and with what. */
  readonly managementUri?: string
  readonly registrationToken?: Secret
}

/** Secrets that came with a login request; they stay the caller's to wipe. */
export interface LoginSecrets {
  readonly clientSecret?: Secret
  /** The initial access token of RFC 7591 §3. */
  readonly initialAccessToken?: Secret
}

/**
 * The client the person named, with the secret it had where none is given; else the one that was registered for the grant this login
 * replaces; else a new one, where the issuer registers clients.
 *
 * @throws GrantdError `invalid_request` when there is none to be had, or the name belongs
 *   to a live grant of another issuer or client; and what the issuer's refusal amounts to
 * @see RFC 7591
 */
export async function loginClient(
  rooms: Rooms,
  request: LoginPlan,
  metadata: IssuerMetadata,
  { clientSecret, initialAccessToken }: LoginSecrets,
): Promise<LoginClient> {
  const vault = rooms.vault()
  const named = currentGrants(vault.list()).find(({ name }) => name === request.grant)
  const taken = named?.state.kind === 'revoked' ? undefined : named
  const { client_id: clientId } = request
  const isSame =
    taken?.metadata.issuer === metadata.issuer &&
    (clientId === undefined ? taken.registration !== undefined : taken.clientId === clientId)
  if (taken !== undefined && !isSame)
    throw new GrantdError(
      'invalid_request',
      `"${taken.name}" is a grant of another issuer or client; revoke it first`,
      { hint: `grantd revoke ${taken.name}` },
    )
  if (taken?.registration !== undefined) {
    const record = vault.open(taken.id)
    record.refreshToken?.wipe()
    record.previousRefreshToken?.wipe()
    const { clientSecret: own, registrationToken } = record
    return {
      clientId: taken.clientId,
      isRegistered: true,
      isNew: false,
      ...taken.registration,
      ...(own && { clientSecret: own }),
      ...(registrationToken && { registrationToken }),
    }
  }
  if (clientId !== undefined) {
    const secret = clientSecret?.copy() ?? (taken && secretOf(vault.open(taken.id)))
    return {
      clientId,
      isRegistered: false,
      isNew: false,
      ...(secret && { clientSecret: secret }),
    }
  }
  return await register(rooms, request, metadata, initialAccessToken)
}

/** The secret of the client before, for a login that is done again: the person need not find it. */
function secretOf({ clientSecret, ...others }: GrantRecord): Secret | undefined {
  wipeRecord(others)
  return clientSecret
}

async function register(
  rooms: Rooms,
  { clientRegistration: page }: LoginPlan,
  metadata: IssuerMetadata,
  initialAccessToken: Secret | undefined,
): Promise<LoginClient> {
  if (metadata.registration_endpoint === undefined)
    throw new GrantdError('invalid_request', 'this issuer registers no clients: name one', {
      hint: `register a native public client ${page === undefined ? 'there' : `at ${page}`}, and add --client-id`,
    })
  const answer = await rooms.issuers.register(metadata, initialAccessToken)
  if (answer.kind !== 'registered') throw issuerFailureError(answer)
  const { kind: _, ...client } = answer
  return { ...client, isRegistered: true, isNew: true }
}

/**
 * Gives up a client with the login that failed: one that was registered for it is deleted
 * again. Best effort, no record knows of it; what became of it is on record.
 */
export async function leaveClient(
  rooms: Rooms,
  facts: Omit<AuditEntry, 'event'>,
  client: LoginClient,
): Promise<void> {
  const { isNew, managementUri, registrationToken } = client
  if (isNew) {
    const answer =
      managementUri === undefined || registrationToken === undefined
        ? ({ kind: 'unsupported' } as const)
        : await rooms.issuers.deleteClient(managementUri, registrationToken)
    const reason = 'reason' in answer ? answer.reason : answer.kind
    const event = answer.kind === 'deleted' ? 'client.deleted' : 'client.not_deleted'
    await rooms.audit.appendDurably({ ...facts, event, reason }).catch(() => undefined) // the login failed already
  }
  wipeClient(client)
}

/** Overwrites the secrets of a client. */
export function wipeClient({ clientSecret, registrationToken }: LoginClient): void {
  clientSecret?.wipe()
  registrationToken?.wipe()
}
