import type { Secret } from '../base/secret.ts'
import { isSafeAddress } from './address.ts'
import { errorWord } from './error-words.ts'
import type { IssuerRoom } from './exchange.ts'
import { readRetryAfter } from './retry-after.ts'
import { sendRequest } from './send-request.ts'
import { newTrace, type Trace } from './trace.ts'

/** A request about the client itself, which no grant and no library has a part in. */
export interface PlainAsk {
  readonly url: string
  readonly method: 'POST' | 'DELETE'
  /** Sent as `Authorization: Bearer`, RFC 6750. */
  readonly bearer?: Secret | undefined
  /** Sent as JSON. */
  readonly json?: object
}

/** What happened, and the body of a whole answer of the class 2xx: the caller's to wipe. */
export interface PlainAnswer {
  readonly trace: Trace
  readonly body?: Buffer
}

/**
 * Sends one request to an issuer and follows no redirect. Of any answer but a good one
 * nothing is kept but its status and its error code.
 */
export async function askPlainly(room: IssuerRoom, ask: PlainAsk): Promise<PlainAnswer> {
  const trace = newTrace()
  if (!isSafeAddress(ask.url, room.allowLoopbackHttp)) {
    trace.reason = 'address is not https'
    return { trace }
  }
  const outcome = await sendRequest({
    url: ask.url,
    method: ask.method,
    headers: {
      accept: 'application/json',
      // the header is text, and stays in memory until it is collected
      ...(ask.bearer && { authorization: `Bearer ${ask.bearer.reveal()}` }),
      ...(ask.json && { 'content-type': 'application/json' }),
    },
    signal: AbortSignal.timeout(room.timeoutSeconds * 1000),
    ...(ask.json && { body: Buffer.from(JSON.stringify(ask.json)) }),
  })
  if (outcome.kind === 'failed') {
    trace.mayHaveLeft = outcome.mayHaveLeft
    trace.reason = outcome.reason
    return { trace }
  }
  const { status, headers, isComplete, body } = outcome
  trace.mayHaveLeft = true
  trace.status = status
  trace.isComplete = isComplete
  trace.isJson = /^application\/json\s*(?:;|$)/i.test(headers['content-type'] ?? '')
  trace.asksForClient = status === 401
  trace.retryAfterSeconds = readRetryAfter(headers['retry-after'], room.clock.now())
  if (isComplete && status >= 200 && status < 300) return { trace, body }
  trace.error = errorWord(parseObject(body)?.['error'])
  body.fill(0)
  return { trace }
}

/** The members of a JSON object; `undefined` for anything else. What it throws is not looked at. */
export function parseObject(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const said: unknown = JSON.parse(body.toString('utf8'))
    return typeof said === 'object' && said !== null && !Array.isArray(said)
      ? (said as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
