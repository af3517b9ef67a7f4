import { Secret } from '../base/secret.ts'
import type { IssuerMetadata } from '../grant/grant.ts'
import { isSafeAddress } from './address.ts'
import type { IssuerRoom } from './exchange.ts'
import type { RegistrationAnswer } from './issuer.ts'
import { issuerFailure } from './issuer-failure.ts'
import { askPlainly, parseObject } from './plain-request.ts'

/** RFC 8252 §7.3: the port of a loopback address is free. */
const REDIRECT_URIS = ['http://127.0.0.1/callback']

/** `VSCHAR`, RFC 6749 appendix A.1. */
const CLIENT_TEXT = /^[\x20-\x7e]{1,512}$/

/** `b64token`, RFC 6750 §2.1, more generously: it goes into one header. */
const BEARER_TOKEN = /^[\x21-\x7e]{1,8192}$/

/**
 * Registers a native public client for this machine, RFC 7591. What manages it goes into
 * secrets before anything else sees the answer.
 *
 * @param clientName What a person reads in the issuer's list of clients.
 * @param initialAccessToken Where the issuer registers nobody without one.
 */
export async function registerClient(
  room: IssuerRoom,
  clientName: string,
  metadata: IssuerMetadata,
  initialAccessToken: Secret | undefined,
): Promise<RegistrationAnswer> {
  const { registration_endpoint: url } = metadata
  if (url === undefined) return { kind: 'not_sent', reason: 'issuer registers no clients' }
  const json = clientMetadata(clientName, metadata)
  const { trace, body } = await askPlainly(room, {
    url,
    method: 'POST',
    bearer: initialAccessToken,
    json,
  })
  const answer = body && readRegistration(body, room.allowLoopbackHttp)
  body?.fill(0)
  return answer ?? issuerFailure(trace)
}

function clientMetadata(clientName: string, metadata: IssuerMetadata): object {
  const { device_authorization_endpoint: device } = metadata
  const algorithms = metadata.id_token_signing_alg_values_supported ?? ['RS256']
  return {
    client_name: clientName,
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: [
      'authorization_code',
      'refresh_token',
      ...(device === undefined ? [] : ['urn:ietf:params:oauth:grant-type:device_code']),
    ],
    response_types: ['code'],
    redirect_uris: REDIRECT_URIS,
    // the default is RS256, which not every issuer has
    ...(!algorithms.includes('RS256') && { id_token_signed_response_alg: algorithms[0] }),
  }
}

function readRegistration(
  body: Buffer,
  allowLoopbackHttp: boolean,
): Extract<RegistrationAnswer, { kind: 'registered' }> | undefined {
  const said = parseObject(body) ?? {}
  const { client_id, client_secret, registration_client_uri, registration_access_token } = said
  if (!isText(client_id, CLIENT_TEXT)) return undefined
  const isPublic = said['token_endpoint_auth_method'] === 'none'
  const isManaged =
    isSafeAddress(registration_client_uri, allowLoopbackHttp) &&
    isText(registration_access_token, BEARER_TOKEN)
  return {
    kind: 'registered',
    clientId: client_id,
    ...(!isPublic &&
      isText(client_secret, CLIENT_TEXT) && { clientSecret: Secret.fromText(client_secret) }),
    ...(isManaged && {
      managementUri: registration_client_uri,
      registrationToken: Secret.fromText(registration_access_token),
    }),
  }
}

function isText(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value)
}
