import { type AccessToken, parseAccessToken } from './access-token.ts'
import { type AuthorizedFetchOptions, authorizeFetch, type Fetch } from './authorized-fetch.ts'
import type { ConnectionOptions } from './connection.ts'
import { hashToken } from './hash-token.ts'
import { Lanes } from './lanes.ts'
import { socketPaths } from './socket-path.ts'
import { type AccessTokenRequest, toTokenRequest } from './token-request.ts'

/** Options of {@link createClient}; all may be left out. */
export interface ClientOptions extends Omit<ConnectionOptions, 'socketPath'> {
  /** Absolute path of the socket. Default: the broker socket of `socketPaths()`. */
  readonly socketPath?: string | undefined
}

/** A refused token: the token itself, or its hash where only that is known. */
export type RejectedToken = string | { readonly sha256: string }

/** The daemon as a program sees it. */
export interface GrantdClient {
  /**
   * Asks the daemon for a token. Nothing is kept here: the daemon evaluates its
   * policy at every request. Equal requests at the same time share one.
   *
   * @throws GrantdError what the daemon says, such as `login_required` or `access_denied`
   * @throws GrantdUnreachableError no daemon, or no answer from it
   */
  getAccessToken(request: AccessTokenRequest): Promise<AccessToken>

  /**
   * Tells the daemon that a resource server refused a token, and asks for
   * another one. Only the token's SHA-256 is sent.
   *
   * @param request What the refused token had been asked with.
   * @throws GrantdError and GrantdUnreachableError as `getAccessToken`
   */
  reportRejected(rejected: RejectedToken, request: AccessTokenRequest): Promise<AccessToken>

  /** A `fetch` that carries a token of ours; see `AuthorizedFetchOptions`. */
  authorizedFetch(options: AuthorizedFetchOptions): Fetch

  /** Closes the connections; whoever waits gets `GrantdUnreachableError` with reason `closed`. */
  close(): void
}

/**
 * A client of the daemon. It connects at the first request and does not keep
 * the process alive.
 *
 * @throws TypeError `name`, `version` or `timeoutMs` out of range
 */
export function createClient(options: ClientOptions = {}): GrantdClient {
  const lanes = new Lanes({ ...options, socketPath: options.socketPath ?? socketPaths().broker })
  const underway = new Map<string, Promise<AccessToken>>()

  async function ask(body: unknown): Promise<AccessToken> {
    const answer = await lanes.request({ method: 'POST', path: '/v1/token', body })
    return parseAccessToken(answer, Date.now())
  }

  async function getAccessToken(request: AccessTokenRequest): Promise<AccessToken> {
    const body = toTokenRequest(request)
    const key = JSON.stringify(body)
    const shared = underway.get(key)
    if (shared !== undefined) return shared
    const asked = ask(body).finally(() => underway.delete(key))
    underway.set(key, asked)
    return asked
  }

  async function reportRejected(rejected: RejectedToken, request: AccessTokenRequest) {
    const hash = typeof rejected === 'string' ? await hashToken(rejected) : rejected.sha256
    return getAccessToken({ ...request, rejected: hash })
  }

  return {
    getAccessToken,
    reportRejected,
    authorizedFetch: (options) => authorizeFetch({ getAccessToken, reportRejected }, options),
    close: () => lanes.close(),
  }
}
