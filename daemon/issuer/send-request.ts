import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import { type ArrivedAnswer, ArrivingAnswer } from './arriving-answer.ts'

/** Longest head of an answer in bytes: Node takes 16 KiB, and an answer is lost with its head. */
const MAX_HEAD_BYTES = 262_144

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
  | ArrivedAnswer
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
 *
 * Once the head of an answer is here nothing that goes wrong takes away what came of it:
 * its bytes may hold a refresh token. When the signal fires, it is over at once.
 */
export function sendRequest(ask: HttpAsk): Promise<HttpOutcome> {
  return new Promise((resolve) => {
    const { signal } = ask
    let mayHaveLeft = false
    let answer: ArrivingAnswer | undefined
    const end = (outcome: HttpOutcome): void => {
      signal?.removeEventListener('abort', onAbort)
      resolve(outcome)
    }
    const fail = (error: unknown): void =>
      end({ kind: 'failed', mayHaveLeft, reason: reasonOf(error, signal) })
    const onAbort = (): void => (answer === undefined ? fail(undefined) : answer.stop())
    try {
      const url = new URL(ask.url)
      const isSecure = url.protocol === 'https:'
      const request = (isSecure ? requestSecure : requestPlain)(url, {
        method: ask.method,
        headers: { ...ask.headers, 'accept-encoding': 'identity' },
        agent: false,
        maxHeaderSize: MAX_HEAD_BYTES,
        // Else NODE_TLS_REJECT_UNAUTHORIZED=0, left over from some debugging, would turn it off.
        rejectUnauthorized: true,
        ...(signal !== undefined && { signal }),
      })
      request.on('socket', (socket) => {
        socket.once(isSecure ? 'secureConnect' : 'connect', () => {
          mayHaveLeft = true
        })
      })
      request.on('error', (error) => (answer === undefined ? fail(error) : answer.breakOff()))
      // Without a listener Node drops the connection and tells nobody.
      request.on('upgrade', (_answer, socket) => {
        socket.destroy()
        fail(undefined)
      })
      request.on('response', (message) => {
        answer = new ArrivingAnswer(message, end)
      })
      signal?.addEventListener('abort', onAbort, { once: true })
      request.end(ask.body)
    } catch {
      end({ kind: 'failed', mayHaveLeft: false, reason: 'request cannot be written' })
    }
  })
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
