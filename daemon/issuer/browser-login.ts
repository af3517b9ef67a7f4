import { isSafeAddress } from './address.ts'
import { errorWord } from './error-words.ts'
import { beginExchange, type IssuerRoom, keepNothing } from './exchange.ts'
import type { LoginAnswer, LoginAsk, LoginStart } from './issuer.ts'
import { failureOfWord, unusable } from './issuer-failure.ts'
import { exchangeForLogin } from './login-exchange.ts'
import { type LoopbackReceiver, openLoopbackReceiver } from './loopback-receiver.ts'
import type { Trace } from './trace.ts'

/** How long a person has to come back from the browser, in seconds. */
const LOGIN_SECONDS = 300

/** What only this login knows. */
interface Secrets {
  readonly state: string
  readonly codeVerifier: string
}

/**
 * Starts a browser login: code with PKCE (S256) and a loopback callback,
 * RFC 8252. Every audience is asked for here; the token request names the first.
 * The listener closes after `lifetimeSeconds`, also when nobody waits for it.
 *
 * @param lifetimeSeconds 1 to 3600.
 */
export async function startBrowserLogin(
  room: IssuerRoom,
  ask: LoginAsk,
  lifetimeSeconds = LOGIN_SECONDS,
): Promise<LoginStart> {
  const endpoint = ask.client.metadata.authorization_endpoint
  if (endpoint === undefined) {
    return { kind: 'not_sent', reason: 'issuer has no authorization endpoint' }
  }
  if (!isSafeAddress(endpoint, room.allowLoopbackHttp)) {
    return { kind: 'not_sent', reason: 'authorization endpoint is not an https address' }
  }
  const { library, configuration } = await beginExchange(room, ask.client, keepNothing)
  const secrets = { state: library.randomState(), codeVerifier: library.randomPKCECodeVerifier() }
  const receiver = await openLoopbackReceiver(secrets.state, lifetimeSeconds)
  const parameters = new URLSearchParams({
    ...ask.authorizationParameters,
    redirect_uri: receiver.redirectUri,
    response_type: 'code',
    state: secrets.state,
    code_challenge: await library.calculatePKCECodeChallenge(secrets.codeVerifier),
    code_challenge_method: 'S256',
  })
  if (ask.scope.length > 0) parameters.set('scope', ask.scope.join(' '))
  // Without it an OpenID provider leaves `offline_access` out, OpenID Connect Core §11.
  if (ask.scope.includes('offline_access')) parameters.set('prompt', 'consent')
  for (const audience of ask.audiences) parameters.append('resource', audience)

  let finished: Promise<LoginAnswer> | undefined
  return {
    kind: 'started',
    login: {
      authorizationUri: library.buildAuthorizationUrl(configuration, parameters).href,
      expiresInSeconds: lifetimeSeconds,
      finished(signal) {
        finished ??= receiveAndExchange(room, ask, secrets, receiver, signal)
        return finished
      },
    },
  }
}

async function receiveAndExchange(
  room: IssuerRoom,
  ask: LoginAsk,
  secrets: Secrets,
  receiver: LoopbackReceiver,
  signal: AbortSignal,
): Promise<LoginAnswer> {
  const callback = await Promise.race([receiver.received, aborted(signal)])
  receiver.close()
  if (signal.aborted) return { kind: 'cancelled' }
  if (callback === undefined) return { kind: 'expired' }
  const audience = ask.audiences[0]
  const result = await exchangeForLogin<LoginAnswer>(
    room,
    ask.client,
    signal,
    ({ library, configuration }) =>
      library.authorizationCodeGrant(
        configuration,
        callback,
        { pkceCodeVerifier: secrets.codeVerifier, expectedState: secrets.state },
        audience === undefined ? {} : { resource: audience },
      ),
    (trace) => failureOfCallback(callback, trace),
  )
  return signal.aborted && result.kind !== 'answered' ? { kind: 'cancelled' } : result
}

/** Why the authorization response itself ended the login; `undefined` when it did not. */
function failureOfCallback(callback: URL, trace: Trace): LoginAnswer | undefined {
  if (trace.mayHaveLeft || trace.reason !== undefined) return undefined
  const word = errorWord(callback.searchParams.get('error'))
  if (word === 'access_denied') return { kind: 'denied' }
  // No error and nothing sent: `iss` is wrong or missing (RFC 9207), or there is no code.
  return word === undefined ? unusable('callback refused') : failureOfWord(word)
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}
