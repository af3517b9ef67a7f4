import type { Clock } from '../base/clock.ts'
import { Secret } from '../base/secret.ts'
import type { IssuerMetadata } from '../grant/grant.ts'
import { adaptAnswer } from './adapt-answer.ts'
import { isSafeAddress } from './address.ts'
import { errorWord } from './error-words.ts'
import type { Successor } from './issuer.ts'
import { mentionsToken } from './mentions-token.ts'
import type { CustomFetch } from './oauth-library.ts'
import { repeatsSecret } from './repeated-secret.ts'
import { readRetryAfter } from './retry-after.ts'
import { type HttpOutcome, sendRequest } from './send-request.ts'
import { type TakenMembers, takeRefreshToken } from './successor.ts'
import type { Trace } from './trace.ts'

/** One exchange. */
export interface CaptureOptions {
  readonly clock: Clock
  readonly allowLoopbackHttp: boolean
  /** Refresh tokens are kept from its answers only. */
  readonly tokenEndpoint: string
  /** In which form the issuer answers, where that is not JSON. */
  readonly answers?: IssuerMetadata['answers']
  /** Filled in as the request goes on. */
  readonly trace: Trace
  /** Makes a refresh token durable, and owns it from then on. */
  readonly keepSuccessor: (successor: Successor) => Promise<void>
  /** What is sent: an answer that says one of them again goes no further. */
  readonly secrets: readonly Secret[]
  /** Whom the `id_token` of the answer names; absent where nobody looks. */
  readonly subjectOf?: (idToken: Buffer) => string | undefined
  /** Cancels the request, besides the deadline the library sets. */
  readonly signal?: AbortSignal
}

/** Never seen outside: the OAuth library wraps it, and the trace says what happened. */
class NoAnswer extends Error {}

/**
 * The only way from the OAuth library to the network. The refresh token of an
 * answer is taken out of its bytes and made durable first; what the library gets
 * to see, and may put into an error, never held one, under no other name either: an
 * answer that repeats a secret gives its successor and nothing else. Redirects are answers like
 * any other, so nothing follows them.
 */
export function capturingFetch(options: CaptureOptions): CustomFetch {
  const { trace } = options
  return async (url, ask) => {
    if (!isSafeAddress(url, options.allowLoopbackHttp)) {
      throw failed(trace, 'address is not https')
    }
    const body = ask.body instanceof URLSearchParams ? Buffer.from(ask.body.toString()) : undefined
    const signals = [ask.signal, options.signal].filter((signal) => signal !== undefined)
    const outcome = await sendRequest({
      url,
      method: ask.method,
      headers: ask.headers,
      signal: AbortSignal.any(signals),
      ...(body !== undefined && { body }),
    })
    body?.fill(0)
    if (outcome.kind === 'failed') {
      trace.mayHaveLeft = outcome.mayHaveLeft
      throw failed(trace, outcome.reason)
    }
    return readAnswer(outcome, url === options.tokenEndpoint, options)
  }
}

async function readAnswer(
  answer: Extract<HttpOutcome, { kind: 'answered' }>,
  isTokenAnswer: boolean,
  options: CaptureOptions,
): Promise<Response> {
  const { trace } = options
  const { status } = answer
  const raw = { body: answer.body, contentType: answer.headers['content-type'] ?? '' }
  const { body, contentType } = adaptAnswer(options.answers, raw, answer.isComplete)
  const isSuccess = status >= 200 && status < 300
  const challenge = answer.headers['www-authenticate']
  trace.mayHaveLeft = true
  trace.status = status
  trace.isComplete = answer.isComplete
  trace.isJson = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(contentType)
  trace.isEmpty = !body.some((byte) => byte > 0x20)
  trace.asksForClient = status === 401 && challenge !== undefined
  trace.retryAfterSeconds = readRetryAfter(answer.headers['retry-after'], options.clock.now())

  trace.givesTokens = isTokenAnswer && isSuccess && mentionsToken(body, trace.isJson)
  try {
    const repeats = await takeSecrets(body, isTokenAnswer && isSuccess, options)
    if (!answer.isComplete) throw failed(trace, 'answer broke off')
    if (trace.isJson) trace.error = readError(body)
    trace.error ??= errorWord(/\berror="?([a-z_]+)/.exec(challenge ?? '')?.[1])
    if (repeats) throw failed(trace, 'answer repeats a secret')
    if (!isSuccess && (status < 400 || status > 599)) throw failed(trace, 'status refused')
    // The library takes 200 alone, and some issuers say 201.
    return new Response(body, {
      status: isSuccess ? 200 : status,
      headers: { 'content-type': contentType },
    })
  } finally {
    body.fill(0)
  }
}

/**
 * Cuts the refresh token out and, where it counts, has it kept.
 *
 * @returns Whether the rest still holds a secret, one just cut out or one we sent.
 */
async function takeSecrets(
  body: Buffer,
  keeps: boolean,
  options: CaptureOptions,
): Promise<boolean> {
  const { earlier, idToken, ...taken } = takeRefreshToken(body)
  const cut = taken.refreshToken === undefined ? earlier : [...earlier, taken.refreshToken]
  const sent = options.secrets.map((secret) => secret.revealBytes())
  const repeats = repeatsSecret(body, [...cut, ...sent])
  const subject = idToken && keeps ? options.subjectOf?.(idToken) : undefined
  // an answer like any other: what it calls somebody is shown, and may be a secret
  if (subject !== undefined && !repeatsSecret(Buffer.from(subject), [...cut, ...sent]))
    options.trace.subject = subject
  idToken?.fill(0)
  for (const token of earlier) token.fill(0)
  if (keeps) await keep(taken, options)
  else taken.refreshToken?.fill(0)
  return repeats
}

async function keep(
  taken: Omit<TakenMembers, 'earlier' | 'idToken'>,
  options: CaptureOptions,
): Promise<void> {
  const { refreshToken, ...rest } = taken
  if (refreshToken === undefined) return
  options.trace.hasSuccessor = true
  try {
    await options.keepSuccessor({ refreshToken: Secret.take(refreshToken), ...rest })
  } catch (error) {
    options.trace.keepFailure = { error }
    throw new NoAnswer()
  }
}

/** `error` of an answer that gives no token; GitHub and Slack send theirs with status 200. */
function readError(body: Buffer): Trace['error'] {
  try {
    const said: unknown = JSON.parse(body.toString('utf8'))
    if (typeof said !== 'object' || said === null || 'access_token' in said) return undefined
    return 'error' in said ? errorWord(said.error) : undefined
  } catch {
    return undefined
  }
}

function failed(trace: Trace, reason: string): NoAnswer {
  trace.reason = reason
  return new NoAnswer()
}
