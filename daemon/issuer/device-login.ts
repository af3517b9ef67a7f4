import { MAX_LOGIN_SECONDS } from '../base/limits.ts'
import { isSafeAddress } from './address.ts'
import type { ErrorWord } from './error-words.ts'
import { beginExchange, type IssuerRoom, keepNothing } from './exchange.ts'
import type { LoginAnswer, LoginAsk, LoginStart } from './issuer.ts'
import { issuerFailure, unusable } from './issuer-failure.ts'
import { exchangeForLogin } from './login-exchange.ts'
import { wait } from './wait.ts'

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

/** Seconds between polls when the issuer does not say, RFC 8628 §3.2. */
const DEFAULT_INTERVAL_SECONDS = 5

/** Seconds `slow_down` adds for good, RFC 8628 §3.5. */
const SLOW_DOWN_SECONDS = 5

/** Shortest interval in seconds we accept: an issuer may hurry us, but not into a busy loop. */
const MIN_INTERVAL_SECONDS = 0.05

/** Longest pause in seconds after failures: the person is waiting. */
const MAX_BACK_OFF_SECONDS = 60

/** A user code as a person reads it off a terminal. */
const USER_CODE = /^[\x21-\x7e][\x20-\x7e]{0,63}$/

/** What the device authorization endpoint said, checked. */
interface DeviceCode {
  readonly deviceCode: string
  readonly intervalSeconds: number
  /** Monotonic milliseconds. */
  readonly endsAt: number
}

/** How one poll ended, besides what a login can end with. */
type Poll =
  | { readonly kind: 'pending' | 'slower' }
  /** The issuer gave its tokens and we cannot use them: the device code is spent. */
  | { readonly kind: 'over'; readonly failure: LoginAnswer }

/** What the error codes of RFC 8628 §3.5 mean for the wait; every other one is a failure. */
const POLL_ANSWERS: Partial<Record<ErrorWord, LoginAnswer | Poll>> = {
  authorization_pending: { kind: 'pending' },
  slow_down: { kind: 'slower' },
  access_denied: { kind: 'denied' },
  expired_token: { kind: 'expired' },
}

/**
 * Starts a device login, RFC 8628. The addresses it shows are checked: a person
 * will open what we print.
 *
 * @param pause How to wait between polls; tests replace it.
 */
export async function startDeviceLogin(
  room: IssuerRoom,
  ask: LoginAsk,
  pause: typeof wait = wait,
): Promise<LoginStart> {
  if (ask.client.metadata.device_authorization_endpoint === undefined) {
    return { kind: 'not_sent', reason: 'issuer has no device authorization endpoint' }
  }
  const exchange = await beginExchange(room, ask.client, keepNothing)
  const parameters = new URLSearchParams()
  if (ask.scope.length > 0) parameters.set('scope', ask.scope.join(' '))
  for (const audience of ask.audiences) parameters.append('resource', audience)
  const said = await exchange.library
    .initiateDeviceAuthorization(exchange.configuration, parameters)
    .catch(() => undefined)
  if (said === undefined) return issuerFailure(exchange.trace)
  const { verification_uri, verification_uri_complete, user_code } = said
  const addresses = [verification_uri, verification_uri_complete ?? verification_uri]
  if (
    !USER_CODE.test(user_code) ||
    !addresses.every((address) => isSafeAddress(address, room.allowLoopbackHttp))
  ) {
    return unusable('verification address or code refused')
  }
  const expiresInSeconds = Math.min(Math.floor(said.expires_in), MAX_LOGIN_SECONDS)
  const code: DeviceCode = {
    deviceCode: said.device_code,
    intervalSeconds: Math.max(said.interval ?? DEFAULT_INTERVAL_SECONDS, MIN_INTERVAL_SECONDS),
    endsAt: room.clock.monotonic() + expiresInSeconds * 1000,
  }
  let finished: Promise<LoginAnswer> | undefined
  return {
    kind: 'started',
    login: {
      verificationUri: verification_uri,
      ...(verification_uri_complete !== undefined && {
        verificationUriComplete: verification_uri_complete,
      }),
      userCode: user_code,
      expiresInSeconds,
      finished(signal) {
        finished ??= pollUntilDone(room, ask, code, signal, pause)
        return finished
      },
    },
  }
}

/**
 * Polls until the person decided. A lost connection, an error page or a busy
 * issuer costs time, never the login: only the issuer's own refusal, the end of
 * the code's life or the caller ends it.
 */
async function pollUntilDone(
  room: IssuerRoom,
  ask: LoginAsk,
  code: DeviceCode,
  signal: AbortSignal,
  pause: typeof wait,
): Promise<LoginAnswer> {
  let intervalSeconds = code.intervalSeconds
  let pauseSeconds = intervalSeconds
  for (;;) {
    const leftMs = code.endsAt - room.clock.monotonic()
    await pause(Math.min(pauseSeconds * 1000, leftMs), signal)
    if (signal.aborted) return { kind: 'cancelled' }
    if (pauseSeconds * 1000 >= leftMs) return { kind: 'expired' }
    const answer = await pollOnce(room, ask, code, signal)
    if (signal.aborted && answer.kind !== 'answered') return { kind: 'cancelled' }
    switch (answer.kind) {
      case 'slower':
        intervalSeconds += SLOW_DOWN_SECONDS
        pauseSeconds = intervalSeconds
        break
      case 'pending':
        pauseSeconds = intervalSeconds
        break
      case 'retry_later':
        pauseSeconds = Math.max(intervalSeconds, answer.retryAfterSeconds)
        break
      case 'in_doubt':
      case 'not_sent':
      case 'refused_bare':
      case 'untrusted':
      case 'unusable':
        pauseSeconds = Math.min(pauseSeconds * 2, MAX_BACK_OFF_SECONDS)
        break
      case 'over':
        return answer.failure
      case 'answered':
      case 'cancelled':
      case 'client_broken':
      case 'denied':
      case 'expired':
      case 'grant_dead':
      case 'no_refresh_token':
      case 'request_wrong':
      case 'step_up':
        return answer
    }
  }
}

async function pollOnce(
  room: IssuerRoom,
  ask: LoginAsk,
  code: DeviceCode,
  signal: AbortSignal,
): Promise<LoginAnswer | Poll> {
  const parameters = new URLSearchParams({ device_code: code.deviceCode })
  const audience = ask.audiences[0]
  if (audience !== undefined) parameters.set('resource', audience)
  return exchangeForLogin<LoginAnswer | Poll>(
    room,
    ask.client,
    signal,
    ({ library, configuration }) =>
      library.genericGrantRequest(configuration, DEVICE_GRANT, parameters),
    (trace) => {
      if (trace.hasSuccessor) return { kind: 'over', failure: issuerFailure(trace) }
      return trace.error === undefined ? undefined : POLL_ANSWERS[trace.error]
    },
  )
}
