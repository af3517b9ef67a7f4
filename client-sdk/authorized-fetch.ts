import type { AccessToken } from './access-token.ts'
import { GrantdError } from './grantd-error.ts'
import type { AccessTokenRequest } from './token-request.ts'

/** The shape of the global `fetch`. */
export type Fetch = typeof globalThis.fetch

/** What {@link authorizeFetch} asks with. */
export interface AuthorizedFetchOptions extends Omit<AccessTokenRequest, 'rejected'> {
  /** Sends the requests. Default: the global `fetch`. It must drop `Authorization` on a redirect to another origin, as that one does. */
  readonly fetch?: Fetch | undefined
}

/** Where its tokens come from. */
export interface TokenSource {
  getAccessToken(request: AccessTokenRequest): Promise<AccessToken>
  reportRejected(token: string, request: AccessTokenRequest): Promise<AccessToken>
}

/**
 * A `fetch` that sets `Authorization` on every request. A 401 is reported to the
 * daemon, and the request is sent once more with the token it then gives. The
 * 401 comes back as it is when there is no other token or the body was a stream
 * that can be read only once; the report is made all the same.
 *
 * The promise of a call rejects with `TypeError` for a URL that is neither
 * `https:` nor loopback, and with what `getAccessToken` throws; in particular
 * `GrantdError` `invalid_request` for a token bound to a key.
 */
export function authorizeFetch(source: TokenSource, options: AuthorizedFetchOptions): Fetch {
  const { fetch: send = globalThis.fetch, ...request } = options
  return async (input, init) => {
    const url = new URL(urlOf(input))
    refuseCleartext(url)
    const call = (token: AccessToken) => send(input, authorize(token, input, init))
    const token = await source.getAccessToken(request)
    const response = await call(token)
    if (response.status !== 401 || cameFromElsewhere(response, url)) return response
    const next = await replacement(source, token, request)
    if (next === undefined || !isReplayable(input, init)) return response
    // Unread, the first answer would hold its connection; one that cannot be cancelled must not cost the retry.
    await response.body?.cancel().catch(() => {})
    return call(next)
  }
}

type Input = Parameters<Fetch>[0]
type Init = Parameters<Fetch>[1]

function urlOf(input: Input): string {
  return typeof input === 'object' && 'url' in input ? input.url : String(input)
}

/** Loopback is exempt: nothing leaves the machine. @see RFC 8252 §8.3 */
function refuseCleartext(url: URL): void {
  const isLoopback = /^(?:127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(url.hostname)
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback)) return
  throw new TypeError(`a token is not sent to "${url.origin}": only https or loopback`)
}

function authorize(token: AccessToken, input: Input, init: Init): NonNullable<Init> {
  if (token.tokenType !== 'Bearer')
    throw new GrantdError('invalid_request', `the token of "${token.grant}" needs a DPoP proof`)
  const own = typeof input === 'object' && 'headers' in input ? input.headers : undefined
  const headers = new Headers(init?.headers ?? own)
  headers.set('authorization', `Bearer ${token.accessToken}`)
  return { ...init, headers }
}

/** After a redirect to another origin the token was not shown, so it was not refused either. */
function cameFromElsewhere(response: Response, url: URL): boolean {
  return response.url !== '' && new URL(response.url).origin !== url.origin
}

/** Another token than the refused one; `undefined` when the daemon has none, as the 401 then says more. */
async function replacement(source: TokenSource, refused: AccessToken, request: AccessTokenRequest) {
  try {
    const next = await source.reportRejected(refused.accessToken, request)
    return next.accessToken === refused.accessToken ? undefined : next
  } catch {
    return undefined
  }
}

/** A stream, and the body of a `Request`, which is one, can be read once. */
function isReplayable(input: Input, init: Init): boolean {
  const body = init?.body
  if (body === undefined || body === null)
    return !(typeof input === 'object' && 'body' in input && input.body !== null)
  return (
    typeof body === 'string' ||
    body instanceof URLSearchParams ||
    body instanceof FormData ||
    body instanceof Blob ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body)
  )
}
