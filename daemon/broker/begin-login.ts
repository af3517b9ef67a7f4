import { GrantdError, type LoginRequest } from '@grantd/client/protocol'
import type { Secret } from '../base/secret.ts'
import type { IssuerMetadata } from '../grant/grant.ts'
import { parseScope } from '../grant/scope.ts'
import type { LoginAsk, StartedLogin } from '../issuer/issuer.ts'
import { issuerFailureError } from './login-failure.ts'
import type { Caller, Rooms } from './rooms.ts'
import { currentGrants } from './select-grant.ts'

/** A login that began at the issuer. */
export interface BegunLogin {
  readonly metadata: IssuerMetadata
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
  request: LoginRequest,
  clientSecret: Secret | undefined,
): Promise<BegunLogin> {
  const facts = { peer: caller.peer, grant: request.grant, issuer: request.issuer }
  try {
    refuseContradiction(request)
    const discovered = await rooms.issuers.discover(request.issuer)
    if (discovered.kind !== 'found') throw issuerFailureError(discovered)
    const { metadata } = discovered
    refuseTakenName(rooms, request, metadata)
    const ask: LoginAsk = {
      client: { clientId: request.client_id, metadata, ...(clientSecret && { clientSecret }) },
      scope: parseScope(request.scope ?? ''),
      audiences: request.audience ?? [],
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
    return { metadata, started: start.login }
  } catch (error) {
    const reason = error instanceof GrantdError ? error.code : 'internal_error'
    await rooms.audit
      .appendDurably({ ...facts, event: 'login.failed', reason })
      .catch(() => undefined) // the first error counts
    throw error
  }
}

/** Where a refresh ends earlier tokens, a second token of the same grant would end the first. */
function refuseContradiction(request: LoginRequest): void {
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

/** A login replaces the grant of its name, and revokes it: never one of another issuer or client. */
function refuseTakenName(rooms: Rooms, request: LoginRequest, metadata: IssuerMetadata): void {
  const taken = currentGrants(rooms.vault().list()).find((grant) => grant.name === request.grant)
  if (taken === undefined || taken.state.kind === 'revoked') return
  if (taken.metadata.issuer === metadata.issuer && taken.clientId === request.client_id) return
  throw new GrantdError(
    'invalid_request',
    `"${taken.name}" is a grant of another issuer or client; revoke it first`,
    { hint: `grantd revoke ${taken.name}` },
  )
}
