import { GrantdError } from './grantd-error.ts'
import { HOST, MAX_BODY_BYTES, PATTERNS } from './protocol.ts'

/** One request as the wire knows it. */
export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path with query, such as `/v1/token`; anything unusual in it is percent-encoded. */
  readonly path: string
  /** Sent as JSON. Omitted: no body. */
  readonly body?: unknown
  /** Wanted media type. Default `application/json`. */
  readonly accept?: string | undefined
}

/** Name of the calling program. */
export interface ClientName {
  /** 1 to 64 of `A-Z a-z 0-9 . _ -`. Default `grantd-client`. */
  readonly name?: string | undefined
  /** 1 to 32 of `A-Z a-z 0-9 . _ + -`. Default `0`. */
  readonly version?: string | undefined
}

const METHOD = /^(?:GET|POST|PUT|PATCH|DELETE)$/
const PATH = /^\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]{0,2047}$/
const ACCEPT = /^[a-z]{1,32}\/[a-z0-9.+-]{1,64}$/
const CLIENT = new RegExp(PATTERNS.clientHeader)

/**
 * Value of the `Grantd-Client` header.
 *
 * @throws TypeError name or version hold another character than the pattern allows
 */
export function formatClient(client: ClientName): string {
  const header = `${client.name ?? 'grantd-client'}/${client.version ?? '0'}`
  // JavaScript's `$` matches at the very end only, so a trailing line feed is refused too.
  if (!CLIENT.test(header)) throw new TypeError('client name or version with a forbidden character')
  return header
}

/**
 * The bytes of a request as text, to be sent as UTF-8. No part of it can add a
 * header line: method, path and accept are checked, the body is counted in bytes.
 *
 * @param client Value of `Grantd-Client`, from {@link formatClient}.
 * @throws TypeError a method, path or accept that the wire does not allow
 * @throws GrantdError `invalid_request`: a body above `MAX_BODY_BYTES`
 */
export function formatRequest(request: WireRequest, client: string): string {
  const { method, path, accept = 'application/json' } = request
  if (!METHOD.test(method)) throw new TypeError('method is none of GET, POST, PUT, PATCH, DELETE')
  if (!PATH.test(path)) throw new TypeError('path must begin with "/" and be percent-encoded')
  if (!ACCEPT.test(accept)) throw new TypeError('accept is not a media type')
  const head = `${method} ${path} HTTP/1.1\r\nHost: ${HOST}\r\nGrantd-Client: ${client}\r\nAccept: ${accept}\r\n`
  if (request.body === undefined)
    return method === 'GET' ? `${head}\r\n` : `${head}Content-Length: 0\r\n\r\n`
  const body = JSON.stringify(request.body)
  const bytes = Buffer.byteLength(body)
  if (bytes > MAX_BODY_BYTES)
    throw new GrantdError(
      'invalid_request',
      `a request of ${bytes} bytes is above ${MAX_BODY_BYTES}`,
    )
  return `${head}Content-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n${body}`
}
