import { GrantdError, type LoginRequest } from '@grantd/client/protocol'
import { LOGIN_OUTCOME_SECONDS, MAX_LOGIN_SECONDS, MAX_PENDING_LOGINS } from '../base/limits.ts'
import { randomId } from '../base/random-id.ts'
import { Secret } from '../base/secret.ts'
import type { IssuerMetadata } from '../grant/grant.ts'
import { parseScope } from '../grant/scope.ts'
import type { LoginAsk, StartedLogin } from '../issuer/issuer.ts'
import { type AnsweredLogin, keepLogin } from './keep-login.ts'
import { issuerFailureError, loginFailureError } from './login-failure.ts'
import { isSameLogin, type LoginEnd, type PendingLogin } from './pending-login.ts'
import type { Caller, Rooms } from './rooms.ts'

/** A login and whether an earlier request had started it. */
export interface JoinedLogin {
  readonly login: PendingLogin
  readonly joined: boolean
}

/** The logins that wait for a person: one per grant, each with an end in time. */
export class Logins {
  readonly #rooms: Rooms
  readonly #noticeOf: () => string | undefined
  readonly #starting = new Map<string, { request: LoginRequest; login: Promise<PendingLogin> }>()
  readonly #byId = new Map<string, PendingLogin>()

  /** @param options.noticeOf What a person must be told after a login, such as where grants are kept. */
  constructor(options: { readonly rooms: Rooms; readonly noticeOf: () => string | undefined }) {
    this.#rooms = options.rooms
    this.#noticeOf = options.noticeOf
  }

  /** Logins that have not ended. */
  get pending(): number {
    return this.#starting.size
  }

  /**
   * Starts a login, or joins the one that is pending for the grant.
   *
   * @throws GrantdError `invalid_request` when another login of that name is pending,
   *   `overloaded`, and what the issuer's refusal amounts to
   */
  async start(caller: Caller, request: LoginRequest): Promise<JoinedLogin> {
    this.#rooms.requireConfig()
    this.#rooms.vault()
    const pending = this.#starting.get(request.grant)
    if (pending !== undefined) {
      if (isSameLogin(pending.request, request)) return { login: await pending.login, joined: true }
      throw new GrantdError('invalid_request', `another login for "${request.grant}" is pending`, {
        hint: 'finish or cancel it first',
      })
    }
    if (this.#starting.size >= MAX_PENDING_LOGINS)
      throw new GrantdError('overloaded', 'too many logins are pending', { retryAfterSeconds: 60 })
    const login = this.#begin(caller, request)
    this.#starting.set(request.grant, { request, login })
    try {
      return { login: await login, joined: false }
    } catch (error) {
      this.#starting.delete(request.grant)
      throw error
    }
  }

  /** @throws GrantdError `unknown_grant` when there is no such login, or no longer */
  find(id: string): PendingLogin {
    const login = this.#byId.get(id)
    if (login === undefined) throw new GrantdError('unknown_grant', 'no such login')
    return login
  }

  /** Cancels a login; one that already ended stays as it ended. */
  async cancel(id: string): Promise<PendingLogin> {
    const login = this.find(id)
    login.cancel.abort()
    await login.ended
    return login
  }

  /** Cancels all, at the end of the daemon. */
  async close(): Promise<void> {
    await Promise.all([...this.#byId.keys()].map((id) => this.cancel(id)))
  }

  async #begin(caller: Caller, request: LoginRequest): Promise<PendingLogin> {
    const rooms = this.#rooms
    const discovered = await rooms.issuers.discover(request.issuer)
    if (discovered.kind !== 'found') throw issuerFailureError(discovered)
    const { metadata } = discovered
    const clientSecret =
      request.client_secret === undefined ? undefined : Secret.fromText(request.client_secret)
    const ask: LoginAsk = {
      client: { clientId: request.client_id, metadata, ...(clientSecret && { clientSecret }) },
      scope: parseScope(request.scope ?? ''),
      audiences: request.audience ?? [],
    }
    const start =
      request.flow === 'device'
        ? await rooms.issuers.startDeviceLogin(ask)
        : await rooms.issuers.startBrowserLogin(ask)
    if (start.kind !== 'started') throw issuerFailureError(start)
    await rooms.audit.appendDurably({
      event: 'login.started',
      peer: caller.peer,
      grant: request.grant,
      issuer: metadata.issuer,
      scope: ask.scope,
    })
    return this.#follow(caller, request, metadata, start.login, clientSecret)
  }

  #follow(
    caller: Caller,
    request: LoginRequest,
    metadata: IssuerMetadata,
    started: StartedLogin,
    clientSecret: Secret | undefined,
  ): PendingLogin {
    const cancel = new AbortController()
    const id = randomId()
    const seconds = Math.min(started.expiresInSeconds, MAX_LOGIN_SECONDS)
    const login: PendingLogin = {
      id,
      request: withoutSecret(request),
      caller,
      started,
      expiresAt: this.#rooms.clock.now() + seconds * 1000,
      cancel,
      ended: this.#finish(caller, { id, request, metadata }, started, cancel.signal).then((end) => {
        clientSecret?.wipe()
        login.end = end
        this.#starting.delete(request.grant)
        setTimeout(() => this.#byId.delete(id), LOGIN_OUTCOME_SECONDS * 1000).unref()
        return end
      }),
    }
    this.#byId.set(id, login)
    return login
  }

  async #finish(
    caller: Caller,
    login: Omit<AnsweredLogin, 'answer'>,
    started: StartedLogin,
    signal: AbortSignal,
  ): Promise<LoginEnd> {
    const { audit } = this.#rooms
    const facts = { peer: caller.peer, grant: login.request.grant, issuer: login.metadata.issuer }
    try {
      const answer = await started.finished(signal)
      if (answer.kind !== 'answered') {
        const error = loginFailureError(answer)
        if (error === undefined) {
          await audit.appendDurably({ event: 'login.cancelled', ...facts })
          return { state: 'cancelled' }
        }
        throw error
      }
      const { detail, missingAudiences } = await keepLogin(this.#rooms, caller, {
        ...login,
        answer,
      })
      return { state: 'complete', result: detail, notice: this.#notice(missingAudiences) }
    } catch (error) {
      const failure =
        error instanceof GrantdError
          ? error
          : new GrantdError('internal_error', 'a mistake of the daemon')
      await audit
        .appendDurably({ event: 'login.failed', reason: failure.code, ...facts })
        .catch(() => undefined) // the login failed already; what waits for it must hear so
      return { state: 'failed', error: failure }
    }
  }

  #notice(missingAudiences: readonly string[]): string | undefined {
    const missing = missingAudiences.map((audience) => `no token could be had for "${audience}"`)
    const parts = [...missing, ...[this.#noticeOf() ?? []].flat()]
    return parts.length === 0 ? undefined : parts.join('; ')
  }
}

/** Kept for comparison and display only. */
function withoutSecret(request: LoginRequest): LoginRequest {
  const { client_secret: _secret, ...rest } = request
  return rest
}
