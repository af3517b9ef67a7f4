import { type IncomingHttpHeaders, type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import { brotliDecompressSync, constants, unzipSync } from 'node:zlib'

/** Longest answer in bytes that is read; a token answer of 100 KB would already be a curiosity. */
export const MAX_ANSWER_BYTES = 1_048_576

/** One request to an issuer. */
export interface HttpAsk {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer
  readonly signal?: AbortSignal
}

/** What became of it. Never a library's error: these words are all that is said about one. */
export type HttpOutcome =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly headers: IncomingHttpHeaders
      /** The caller's to wipe. */
      readonly body: Buffer
      /** False when the connection ended, or the limit was reached, before the body did. */
      readonly isComplete: boolean
    }
  | {
      readonly kind: 'failed'
      /** False only when it is certain that the issuer saw no byte of the request. */
      readonly mayHaveLeft: boolean
      readonly reason: NetworkReason
    }

/** The reason of a request that met a certificate nobody vouches for. */
export const UNTRUSTED = 'certificate not trusted'

/** Why no answer came. */
type NetworkReason =
  | 'cancelled'
  | typeof UNTRUSTED
  | 'connection failed'
  | 'connection lost'
  | 'connection refused'
  | 'host not found'
  | 'network unreachable'
  | 'request cannot be written'
  | 'timed out'

/**
 * Sends one request on a connection of its own, never follows a redirect, and
 * never rejects.
 *
 * Not `fetch`: that one pools connections, so a request can meet an old one the
 * issuer has just closed, and it does not say whether a byte left. Here nothing
 * leaves before the connection (and TLS) stands, and then everything may have.
 */
export function sendRequest(ask: HttpAsk): Promise<HttpOutcome> {
  return new Promise((resolve) => {
    let mayHaveLeft = false
    const fail = (error: unknown): void =>
      resolve({ kind: 'failed', mayHaveLeft, reason: reasonOf(error, ask.signal) })
    try {
      const url = new URL(ask.url)
      const isSecure = url.protocol === 'https:'
      const request = (isSecure ? requestSecure : requestPlain)(url, {
        method: ask.method,
        headers: { ...ask.headers, 'accept-encoding': 'identity' },
        agent: false,
        // Else NODE_TLS_REJECT_UNAUTHORIZED=0, left over from some debugging, would turn it off.
        rejectUnauthorized: true,
        ...(ask.signal !== undefined && { signal: ask.signal }),
      })
      request.on('socket', (socket) => {
        socket.once(isSecure ? 'secureConnect' : 'connect', () => {
          mayHaveLeft = true
        })
      })
      request.on('error', fail)
      request.on('response', (answer) => {
        readBody(answer).then(resolve, fail)
      })
      request.end(ask.body)
    } catch {
      resolve({ kind: 'failed', mayHaveLeft: false, reason: 'request cannot be written' })
    }
  })
}

async function readBody(answer: IncomingMessage): Promise<HttpOutcome> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > MAX_ANSWER_BYTES) break
      chunks.push(chunk)
    }
  } catch {
    // What came before the connection ended may hold a refresh token: it is used.
  }
  const raw = Buffer.concat(chunks)
  for (const chunk of chunks) chunk.fill(0)
  const body = decode(raw, answer.headers['content-encoding'])
  return {
    kind: 'answered',
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    body: body ?? Buffer.alloc(0),
    isComplete: answer.complete && length <= MAX_ANSWER_BYTES && body !== undefined,
  }
}

/** Undoes a compression nobody asked for; a stream that breaks off gives what it has. */
function decode(raw: Buffer, encoding: string | undefined): Buffer | undefined {
  if (encoding === undefined || encoding === 'identity') return raw
  const limit = { maxOutputLength: MAX_ANSWER_BYTES }
  try {
    if (encoding === 'br') {
      return brotliDecompressSync(raw, {
        ...limit,
        finishFlush: constants.BROTLI_OPERATION_FLUSH,
      })
    }
    return unzipSync(raw, { ...limit, finishFlush: constants.Z_SYNC_FLUSH })
  } catch {
    return undefined
  } finally {
    raw.fill(0)
  }
}

const REASONS: Readonly<Record<string, NetworkReason>> = {
  EAI_AGAIN: 'host not found',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection lost',
  EHOSTDOWN: 'network unreachable',
  EHOSTUNREACH: 'network unreachable',
  ENETDOWN: 'network unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'host not found',
  EPIPE: 'connection lost',
  ETIMEDOUT: 'timed out',
}

function reasonOf(error: unknown, signal: AbortSignal | undefined): NetworkReason {
  if (signal?.aborted === true) {
    const { reason } = signal as { readonly reason: unknown }
    return reason instanceof DOMException && reason.name === 'TimeoutError'
      ? 'timed out'
      : 'cancelled'
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (/^(CERT_|DEPTH_ZERO_|ERR_TLS_CERT|SELF_SIGNED_|UNABLE_TO_)/.test(code)) {
    return UNTRUSTED
  }
  return REASONS[code] ?? 'connection failed'
}
