import { GrantdError } from '@grantd/client/protocol'
import type { AuditEntry } from '../audit/audit-record.ts'
import type { IssuerMetadata } from '../grant/grant.ts'
import { parseScope } from '../grant/scope.ts'
import type { LoginAsk, StartedLogin } from '../issuer/issuer.ts'
import { recordFailedLogin } from './failed-login.ts'
import { type LoginClient, type LoginSecrets, leaveClient, loginClient } from './login-client.ts'
import { issuerFailureError } from './login-failure.ts'
import type { LoginPlan } from './plan-login.ts'
import type { Caller, Rooms } from './rooms.ts'

/** A login that began at the issuer. */
export interface BegunLogin {
  readonly metadata: IssuerMetadata
  readonly client: LoginClient
  readonly started: StartedLogin
}

/**
 * Discovers the issuer and starts a login there. What refuses it is on record too; a
 * login whose start cannot be recorded is given up again.
 *
 * @param request Without the client's secret.
 * @throws GrantdError `invalid_request` when the name belongs to a live grant of another
 *   issuer or client, `audit_unavailable`, and what the issuer's refusal amounts to
 */
export async function beginLogin(
  rooms: Rooms,
  caller: Caller,
  request: LoginPlan,
  secrets: LoginSecrets,
): Promise<BegunLogin> {
  const facts = { peer: caller.peer, grant: request.grant, issuer: request.issuer }
  let client: LoginClient | undefined
  try {
    refuseContradiction(request)
    const discovered =
      request.stated === undefined
        ? await rooms.issuers.discover(request.issuer)
        : rooms.issuers.stated(request.stated)
    if (discovered.kind === 'no_issuer') throw new GrantdError('invalid_request', discovered.reason)
    if (discovered.kind !== 'found') throw issuerFailureError(discovered)
    const { answers } = request
    const metadata = { ...discovered.metadata, ...(answers && { answers }) }
    client = await loginClient(rooms, request, metadata, secrets)
    await recordRegistration(rooms, facts, client)
    const { clientId, clientSecret } = client
    const ask: LoginAsk = {
      client: { clientId, metadata, ...(clientSecret && { clientSecret }) },
      scope: parseScope(request.scope ?? ''),
      audiences: request.audience ?? [],
      ...(request.authorization && { authorizationParameters: request.authorization }),
    }
    const start =
      request.flow === 'device'
        ? await rooms.issuers.startDeviceLogin(ask)
        : await rooms.issuers.startBrowserLogin(ask)
    if (start.kind !== 'started') throw issuerFailureError(start)
    try {
      const { issuer } = metadata
      await rooms.audit.appendDurably({
        ...facts,
        event: 'login.started',
        issuer,
        scope: ask.scope,
      })
    } catch (error) {
      await start.login.finished(AbortSignal.abort())
      throw error
    }
    return { metadata, client, started: start.login }
  } catch (error) {
    await recordFailedLogin(rooms, facts, error)
    if (client !== undefined) await leaveClient(rooms, facts, client)
    throw error
  }
}

/** @throws GrantdError `audit_unavailable` */
async function recordRegistration(
  rooms: Rooms,
  facts: Omit<AuditEntry, 'event'>,
  { isNew }: LoginClient,
): Promise<void> {
  if (isNew) await rooms.audit.appendDurably({ ...facts, event: 'client.registered' })
}

/** Where a refresh ends earlier tokens, a second token of the same grant would end the first. */
function refuseContradiction(request: LoginPlan): void {
  if (request.refresh_invalidates_access_tokens !== true) return
  if ((request.audience ?? []).length > 1)
    throw new GrantdError(
      'invalid_request',
      'a refresh that ends earlier tokens leaves room for one audience; log in once for each',
    )
  if (request.scope_narrowing === 'honored')
    throw new GrantdError(
      'invalid_request',
      'a refresh that ends earlier tokens leaves no room for narrower ones',
    )
}
