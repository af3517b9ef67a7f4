import { systemClock } from '../../daemon/base/clock.ts'
import { Secret } from '../../daemon/base/secret.ts'
import type { IssuerClient, LoginAnswer } from '../../daemon/issuer/issuer.ts'
import { createIssuers } from '../../daemon/issuer/openid-issuers.ts'
import { approveDevice } from './approve.ts'
import { API_A, API_B, type TestIssuer } from './oidc-issuer.ts'

/** How the daemon is set up against an issuer on loopback. */
export const LOOPBACK_ROOM = {
  clock: systemClock,
  allowLoopbackHttp: true,
  timeoutSeconds: 5,
  clientName: 'grantd',
}

/** Everything the issuer's clients may ask for. */
export const ALL_SCOPES = [
  'openid',
  'offline_access',
  'repo:read',
  'repo:write',
  'issues:read',
  'issues:write',
]

/** The issuer's public client, with metadata from a real discovery; or its client with a secret. */
export async function clientOf(
  issuer: TestIssuer,
  kind: 'public' | 'confidential' = 'public',
): Promise<IssuerClient> {
  const found = await createIssuers(LOOPBACK_ROOM).discover(issuer.issuer)
  if (found.kind !== 'found') throw new Error(`discovery ended with ${found.kind}`)
  const { metadata } = found
  if (kind === 'public') return { clientId: issuer.clientId, metadata }
  const { clientId, clientSecret } = issuer.confidential
  return { clientId, clientSecret: Secret.fromText(clientSecret), metadata }
}

/** A finished device login of `alice`: all scopes, both APIs unless told otherwise. */
export async function logIn(
  client: IssuerClient,
  audiences: readonly string[] = [API_A, API_B],
): Promise<Extract<LoginAnswer, { kind: 'answered' }>> {
  const start = await createIssuers(LOOPBACK_ROOM).startDeviceLogin({
    client,
    scope: ALL_SCOPES,
    audiences,
  })
  if (start.kind !== 'started') throw new Error(`login could not start: ${start.kind}`)
  await approveDevice(start.login.verificationUriComplete ?? '')
  const answer = await start.login.finished(new AbortController().signal)
  if (answer.kind !== 'answered') throw new Error(`login ended with ${answer.kind}`)
  return answer
}
