import { GrantdError, type LoginRequest } from '@grantd/client/protocol'
import {
  LOGIN_OUTCOME_SECONDS,
  MAX_LOGIN_SECONDS,
  MAX_PENDING_LOGINS,
  MAX_PENDING_LOGINS_PER_PID,
} from '../base/limits.ts'
import { randomId } from '../base/random-id.ts'
import { Secret } from '../base/secret.ts'
import { type BegunLogin, beginLogin } from './begin-login.ts'
import { recordFailedLogin } from './failed-login.ts'
import { EXPIRED, finishLogin } from './finish-login.ts'
import { leaveClient, wipeClient } from './login-client.ts'
import { loginKey, type PendingLogin } from './pending-login.ts'
import { pendingLoginError } from './pending-login-error.ts'
import { type LoginPlan, planLogin } from './plan-login.ts'
import type { Caller, Rooms } from './rooms.ts'

/** A login and whether an earlier request had started it. */
export interface JoinedLogin {
  readonly login: PendingLogin
  readonly joined: boolean
}

/** What became of the pending logins when all were cancelled. */
interface CancelledLogins {
  readonly count: number
  /** Resolves when all have ended: the ids of the grants that came of some nevertheless. */
  readonly complete: Promise<readonly string[]>
}

/** What is kept under the name of a grant while its login is pending. */
interface Slot {
  readonly key: string
  /** The process that started it. */
  readonly pid: number
  readonly login: Promise<PendingLogin>
}

/** The logins that wait for a person: one per grant, each with an end in time. */
export class Logins {
  readonly #rooms: Rooms
  readonly #noticeOf: () => string | undefined
  readonly #starting = new Map<string, Slot>()
  readonly #byId = new Map<string, PendingLogin>()
  #isClosed = false
  #refused = 0

  /** @param options.noticeOf What a person must be told after a login, such as where grants are kept. */
  constructor(options: { readonly rooms: Rooms; readonly noticeOf: () => string | undefined }) {
    this.#rooms = options.rooms
    this.#noticeOf = options.noticeOf
  }

  /** Logins that have not ended. */
  get pending(): number {
    return this.#starting.size
  }

  /** Refused since the start, as too many were pending. */
  get refused(): number {
    return this.#refused
  }

  /**
   * Starts a login, or joins the one that is pending for the grant.
   *
   * @throws GrantdError `invalid_request` when another login of that name is pending or
   *   the name belongs to another issuer or client, `overloaded`, and what the issuer's refusal amounts to
   */
  async start(caller: Caller, request: LoginRequest): Promise<JoinedLogin> {
    this.#rooms.requireConfig()
    this.#rooms.vault()
    if (this.#isClosed)
      throw new GrantdError('overloaded', 'the daemon is stopping', { retryAfterSeconds: 1 })
    let plan: LoginPlan
    try {
      plan = planLogin(this.#rooms.presets, request)
    } catch (error) {
      await recordFailedLogin(this.#rooms, { peer: caller.peer, grant: request.grant }, error)
      throw error
    }
    const pending = this.#starting.get(request.grant)
    const key = loginKey(plan)
    if (pending !== undefined) {
      if (pending.key === key) return { login: await pending.login, joined: true }
      const begun = await pending.login.catch(() => undefined)
      throw pendingLoginError(request.grant, begun?.started)
    }
    const { pid } = caller.peer
    this.#refuseTooMany(pid)
    const login = this.#begin(caller, plan)
    this.#starting.set(request.grant, { key, pid, login })
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

  /**
   * Cancels all that are pending, those that are being started too. One whose answer has
   * come already is completed all the same.
   */
  cancelPending(): CancelledLogins {
    const pending = [...this.#starting.values()]
    const complete = pending.map(async ({ login }) => {
      const begun = await login.catch(() => undefined) // whoever started it is told
      if (begun === undefined) return []
      await end(begun)
      return begun.end?.state === 'complete' ? [begun.id] : []
    })
    return { count: pending.length, complete: Promise.all(complete).then((ids) => ids.flat()) }
  }

  /** The same; resolves when every one has ended. */
  async cancelAll(): Promise<void> {
    await this.cancelPending().complete
  }

  /** Cancels all, and starts none any more, at the end of the daemon. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.cancelAll()
  }

  async #begin(caller: Caller, request: LoginPlan): Promise<PendingLogin> {
    const { client_secret, registration_token, ...rest } = request
    const secrets = {
      ...(client_secret !== undefined && { clientSecret: Secret.fromText(client_secret) }),
      ...(registration_token !== undefined && {
        initialAccessToken: Secret.fromText(registration_token),
      }),
    }
    try {
      return this.#follow(caller, rest, await beginLogin(this.#rooms, caller, rest, secrets))
    } finally {
      for (const secret of Object.values(secrets)) secret.wipe()
    }
  }

  #follow(
    caller: Caller,
    request: LoginPlan,
    { metadata, client, started }: BegunLogin,
  ): PendingLogin {
    const cancel = new AbortController()
    const id = randomId()
    const facts = { peer: caller.peer, grant: request.grant, issuer: metadata.issuer }
    const seconds = Math.min(started.expiresInSeconds, MAX_LOGIN_SECONDS)
    const deadline = setTimeout(() => cancel.abort(EXPIRED), seconds * 1000)
    deadline.unref()
    const login: PendingLogin = {
      id,
      request,
      caller,
      started,
      expiresAt: this.#rooms.clock.now() + seconds * 1000,
      cancel,
      ended: finishLogin(
        { rooms: this.#rooms, caller, noticeOf: this.#noticeOf },
        { id, request, client, metadata },
        started,
        cancel.signal,
      ).then(async (end) => {
        clearTimeout(deadline)
        if (end.state === 'complete') wipeClient(client)
        else await leaveClient(this.#rooms, facts, client)
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

  #refuseTooMany(pid: number): void {
    const all = [...this.#starting.values()]
    const isFull =
      all.length >= MAX_PENDING_LOGINS ||
      all.filter((slot) => slot.pid === pid).length >= MAX_PENDING_LOGINS_PER_PID
    if (!isFull) return
    this.#refused += 1
    throw new GrantdError('overloaded', 'too many logins are pending', { retryAfterSeconds: 60 })
  }

  #forgetEnded(): void {
    const now = this.#rooms.clock.monotonic()
    for (const [id, { forgetAt }] of this.#byId)
      if (forgetAt !== undefined && forgetAt <= now) this.#byId.delete(id)
  }
}

async function end(login: PendingLogin): Promise<void> {
  login.cancel.abort()
  await login.ended
}
