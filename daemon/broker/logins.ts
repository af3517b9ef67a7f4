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

/** Why a login was cancelled that nobody cancelled: it outlived every patience. */
const EXPIRED = 'expired'

/** The logins that wait for a person: one per grant, each with an end in time. */
export class Logins {
  readonly #rooms: Rooms
  readonly #noticeOf: () => string | undefined
  readonly #starting = new Map<string, { request: LoginRequest; login: Promise<PendingLogin> }>()
  readonly #byId = new Map<string, PendingLogin>()
  #isClosed = false

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
    if (this.#isClosed)
      throw new GrantdError('overloaded', 'the daemon is stopping', { retryAfterSeconds: 1 })
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
    this.#forgetEnded()
    const login = this.#byId.get(id)
    if (login === undefined) throw new GrantdError('unknown_grant', 'no such login')
    return login
  }

  /** Cancels a login; one that already ended stays as it ended. */
  async cancel(id: string): Promise<PendingLogin> {
    const login = this.find(id)
    await end(login)
    return login
  }

  /** Cancels all, those that are being started too, at the end of the daemon. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.allSettled([...this.#starting.values()].map(({ login }) => login))
    await Promise.all([...this.#byId.values()].map(end))
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
    try {
      const started = await this.#ask(caller, request, ask)
      return this.#follow(caller, request, metadata, started, clientSecret)
    } catch (error) {
      clientSecret?.wipe()
      throw error
    }
  }

  /** Starts the login at the issuer; one that cannot be recorded is given up again. */
  async #ask(caller: Caller, request: LoginRequest, ask: LoginAsk): Promise<StartedLogin> {
    const { issuers, audit } = this.#rooms
    const start =
      request.flow === 'device'
        ? await issuers.startDeviceLogin(ask)
        : await issuers.startBrowserLogin(ask)
    if (start.kind !== 'started') throw issuerFailureError(start)
    try {
      await audit.appendDurably({
        event: 'login.started',
        peer: caller.peer,
        grant: request.grant,
        issuer: ask.client.metadata.issuer,
        scope: ask.scope,
      })
    } catch (error) {
      await start.login.finished(AbortSignal.abort())
      throw error
    }
    return start.login
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
    const deadline = setTimeout(() => cancel.abort(EXPIRED), seconds * 1000)
    deadline.unref()
    const login: PendingLogin = {
      id,
      request: withoutSecret(request),
      caller,
      started,
      expiresAt: this.#rooms.clock.now() + seconds * 1000,
      cancel,
      ended: this.#finish(caller, { id, request, metadata }, started, cancel.signal).then((end) => {
        clearTimeout(deadline)
        clientSecret?.wipe()
        login.end = end
        login.forgetAt = this.#rooms.clock.monotonic() + LOGIN_OUTCOME_SECONDS * 1000
        this.#starting.delete(request.grant)
        return end
      }),
    }
    this.#forgetEnded()
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
        const error = loginFailureError(
          answer.kind === 'cancelled' && signal.reason === EXPIRED ? { kind: 'expired' } : answer,
        )
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

  #forgetEnded(): void {
    const now = this.#rooms.clock.monotonic()
    for (const [id, { forgetAt }] of this.#byId)
      if (forgetAt !== undefined && forgetAt <= now) this.#byId.delete(id)
  }

  #notice(missingAudiences: readonly string[]): string | undefined {
    const missing = missingAudiences.map((audience) => `no token could be had for "${audience}"`)
    const parts = [...missing, ...[this.#noticeOf() ?? []].flat()]
    return parts.length === 0 ? undefined : parts.join('; ')
  }
}

async function end(login: PendingLogin): Promise<void> {
  login.cancel.abort()
  await login.ended
}

/** Kept for comparison and display only. */
function withoutSecret(request: LoginRequest): LoginRequest {
  const { client_secret: _secret, ...rest } = request
  return rest
}
