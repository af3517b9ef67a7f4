import type { Clock } from '../base/clock.ts'
import type { Secret } from '../base/secret.ts'
import { capturingFetch } from './capture.ts'
import type { IssuerClient, Successor } from './issuer.ts'
import { type Configuration, loadOAuthLibrary, type OAuthLibrary } from './oauth-library.ts'
import { subjectOf } from './subject.ts'
import { newTrace, type Trace } from './trace.ts'

/** What every exchange of this room needs. */
export interface IssuerRoom {
  readonly clock: Clock
  /** Accepts `http` on 127.0.0.1 and [::1]; for tests and local development. */
  readonly allowLoopbackHttp: boolean
  /** How long one request may take, in seconds, 1 to 300. */
  readonly timeoutSeconds: number
}

/** One request in the making: a configuration of its own, and the trace it will leave. */
export interface Exchange {
  readonly library: OAuthLibrary
  readonly configuration: Configuration
  readonly trace: Trace
}

/**
 * Prepares one request as a client, from the metadata stored at login: nothing
 * is discovered again. The library keeps the secret in a string until it is
 * collected; we cannot wipe that one.
 *
 * @param keepSuccessor See {@link CaptureOptions.keepSuccessor}.
 * @param more The refresh token that will be sent, if any, what cancels the request, and
 *   whether to look who logged in.
 */
export async function beginExchange(
  room: IssuerRoom,
  client: IssuerClient,
  keepSuccessor: (successor: Successor) => Promise<void>,
  more: {
    readonly refreshToken?: Secret
    readonly signal?: AbortSignal
    readonly isLogin?: boolean
  } = {},
): Promise<Exchange> {
  const library = await loadOAuthLibrary()
  const trace = newTrace()
  const { refreshToken, signal, isLogin = false } = more
  const { issuer } = client.metadata
  const configuration = new library.Configuration(
    { ...mutable(client.metadata) },
    client.clientId,
    undefined,
    authentication(library, client),
  )
  configuration.timeout = room.timeoutSeconds
  configuration[library.customFetch] = capturingFetch({
    clock: room.clock,
    allowLoopbackHttp: room.allowLoopbackHttp,
    tokenEndpoint: new URL(client.metadata.token_endpoint).href,
    ...(client.metadata.answers && { answers: client.metadata.answers }),
    trace,
    keepSuccessor,
    secrets: [refreshToken, client.clientSecret].filter((secret) => secret !== undefined),
    ...(signal !== undefined && { signal }),
    ...(isLogin && { subjectOf: (idToken) => subjectOf(idToken, issuer, client.clientId) }),
  })
  // The library would take any http address then; `capturingFetch` takes loopback alone.
  if (room.allowLoopbackHttp) library.allowInsecureRequests(configuration)
  return { library, configuration, trace }
}

/** A successor where none can be: the token is wiped. */
export async function keepNothing(successor: Successor): Promise<void> {
  successor.refreshToken.wipe()
}

function authentication(library: OAuthLibrary, client: IssuerClient) {
  if (client.clientSecret === undefined) return library.None()
  const secret = client.clientSecret.reveal()
  const methods = client.metadata.token_endpoint_auth_methods_supported
  const postsOnly =
    methods?.includes('client_secret_basic') === false && methods.includes('client_secret_post')
  return postsOnly ? library.ClientSecretPost(secret) : library.ClientSecretBasic(secret)
}

/** The library's types want arrays they may write to. */
function mutable(metadata: IssuerClient['metadata']) {
  const {
    answers: _,
    id_token_signing_alg_values_supported,
    token_endpoint_auth_methods_supported,
    ...rest
  } = metadata
  return {
    ...rest,
    ...(token_endpoint_auth_methods_supported !== undefined && {
      token_endpoint_auth_methods_supported: [...token_endpoint_auth_methods_supported],
    }),
    ...(id_token_signing_alg_values_supported !== undefined && {
      id_token_signing_alg_values_supported: [...id_token_signing_alg_values_supported],
    }),
  }
}
