import { isSafeAddress } from './address.ts'
import { capturingFetch } from './capture.ts'
import { type IssuerRoom, keepNothing } from './exchange.ts'
import type { Discovery } from './issuer.ts'
import { issuerFailure, unusable } from './issuer-failure.ts'
import { isIssuerName, isNameOf } from './issuer-name.ts'
import { loadOAuthLibrary } from './oauth-library.ts'
import { newTrace, type Trace } from './trace.ts'

const FOREIGN = unusable('metadata belongs to another issuer')

/** Longest discovery in seconds: a person waits for it, and metadata is a small static document. */
const MAX_DISCOVERY_SECONDS = 10

const ENDPOINTS = [
  'token_endpoint',
  'authorization_endpoint',
  'device_authorization_endpoint',
  'revocation_endpoint',
  'introspection_endpoint',
  'registration_endpoint',
  'jwks_uri',
] as const

/**
 * Reads the metadata of an issuer: OpenID Connect Discovery first, and where that
 * document is not there, RFC 8414. One endpoint that is not `https` refuses it all.
 *
 * @param issuer Issuer identifier, compared with the one in the document.
 */
export async function discoverIssuer(room: IssuerRoom, issuer: string): Promise<Discovery> {
  if (!isSafeAddress(issuer, room.allowLoopbackHttp)) {
    return { kind: 'no_issuer', reason: 'issuer is not an https address' }
  }
  // The library takes the address of a document as well, and then compares nothing.
  if (!isIssuerName(issuer)) {
    return {
      kind: 'no_issuer',
      reason: 'issuer is an address with more than a path, or a document',
    }
  }
  const first = newTrace()
  const found = await discoverBy(room, issuer, 'oidc', first)
  if (found.kind === 'found' || !isElsewhere(first)) return found
  const second = await discoverBy(room, issuer, 'oauth2', newTrace())
  return second.kind === 'found' ? second : found
}

/** Whether the issuer answered that there is no such document; some answer with a page instead. */
function isElsewhere({ status, isJson }: Trace): boolean {
  if (status === undefined || status === 429) return false
  return status < 300 ? !isJson : status >= 400 && status < 500
}

async function discoverBy(
  room: IssuerRoom,
  issuer: string,
  algorithm: 'oidc' | 'oauth2',
  trace: Trace,
): Promise<Discovery> {
  const library = await loadOAuthLibrary()
  const { clock, allowLoopbackHttp, timeoutSeconds } = room
  try {
    const configuration = await library.discovery(
      new URL(issuer),
      'grantd',
      undefined,
      library.None(),
      {
        algorithm,
        timeout: Math.min(timeoutSeconds, MAX_DISCOVERY_SECONDS),
        execute: allowLoopbackHttp ? [library.allowInsecureRequests] : [],
        [library.customFetch]: capturingFetch({
          clock,
          allowLoopbackHttp,
          tokenEndpoint: '',
          trace,
          keepSuccessor: keepNothing,
          secrets: [],
        }),
      },
    )
    return readMetadata(issuer, configuration.serverMetadata(), allowLoopbackHttp)
  } catch (error) {
    return isIssuerMismatch(error) ? FOREIGN : issuerFailure(trace)
  }
}

/** Reads nothing of the error but its code. */
function isIssuerMismatch(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED'
  )
}

/**
 * Picks what grantd uses.
 *
 * @param said A metadata document, RFC 8414 §2. The library compared its `issuer` too,
 *   but not for every host.
 */
function readMetadata(
  asked: string,
  said: Readonly<Record<string, unknown>>,
  allowLoopbackHttp: boolean,
): Discovery {
  const { issuer } = said
  if (!isNameOf(issuer, asked)) return FOREIGN
  const endpoints: Partial<Record<(typeof ENDPOINTS)[number], string>> = {}
  for (const name of ENDPOINTS) {
    const address = said[name]
    if (address === undefined) continue
    if (!isSafeAddress(address, allowLoopbackHttp)) {
      return unusable(`"${name}" of the metadata is not an https address`)
    }
    endpoints[name] = address
  }
  const { token_endpoint } = endpoints
  if (token_endpoint === undefined) return unusable('metadata has no token endpoint')
  const algorithms = texts(said['id_token_signing_alg_values_supported'])
  const methods = texts(said['token_endpoint_auth_methods_supported'])
  return {
    kind: 'found',
    metadata: {
      ...endpoints,
      token_endpoint,
      // Spelled as the issuer does, since RFC 9207 compares letter by letter; a
      // multi-tenant issuer has a template here, which is no name of anybody.
      issuer: isSafeAddress(issuer, allowLoopbackHttp) && !/[{}]/.test(issuer) ? issuer : asked,
      ...(said['authorization_response_iss_parameter_supported'] === true && {
        authorization_response_iss_parameter_supported: true,
      }),
      ...(algorithms !== undefined && { id_token_signing_alg_values_supported: algorithms }),
      ...(methods !== undefined && { token_endpoint_auth_methods_supported: methods }),
    },
  }
}

/** Words of a list; what is no plain word is left out. */
function texts(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined
  return value.filter((item) => typeof item === 'string' && /^[\x21-\x7e]{1,64}$/.test(item))
}
