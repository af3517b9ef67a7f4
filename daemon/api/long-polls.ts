import { GrantdError } from '@grantd/client/protocol'
import { LONG_POLL_RETRY_SECONDS } from '../base/limits.ts'
import type { PendingLogin } from '../broker/pending-login.ts'
import type { RequestConnection } from './open-requests.ts'

/** The callers that wait for the end of a login. */
export class LongPolls {
  readonly #caps: { readonly perLogin: number; readonly inAll: number }
  readonly #ofLogin = new Map<PendingLogin, number>()
  readonly #ofConnection = new WeakMap<RequestConnection, Set<() => void>>()
  #waiting = 0
  #refused = 0

  /** @param caps How many may wait for one login and for all of them. */
  constructor(caps: { readonly perLogin: number; readonly inAll: number }) {
    this.#caps = caps
  }

  /** Callers that wait now. */
  get waiting(): number {
    return this.#waiting
  }

  /** Refused since the start. */
  get refused(): number {
    return this.#refused
  }

  /**
   * Returns when the login ended, when the time is over, or when nobody is there any
   * more to be answered.
   *
   * @param seconds 0 waits for nothing.
   * @throws GrantdError `overloaded` when too many wait already
   */
  async untilEnd(
    login: PendingLogin,
    seconds: number,
    connection: RequestConnection,
  ): Promise<void> {
    if (login.end !== undefined || seconds === 0) return
    const ofLogin = this.#ofLogin.get(login) ?? 0
    if (ofLogin >= this.#caps.perLogin || this.#waiting >= this.#caps.inAll) {
      this.#refused += 1
      throw new GrantdError('overloaded', 'too many wait for logins already', {
        retryAfterSeconds: LONG_POLL_RETRY_SECONDS,
      })
    }
    this.#waiting += 1
    this.#ofLogin.set(login, ofLogin + 1)
    const closers = this.#closersOf(connection)
    await new Promise<void>((resolve) => {
      const over = (): void => {
        clearTimeout(timer)
        closers.delete(over)
        resolve()
      }
      const timer = setTimeout(over, seconds * 1000)
      closers.add(over)
      void login.ended.then(over)
    })
    this.#leave(login)
  }

  #leave(login: PendingLogin): void {
    this.#waiting -= 1
    const left = (this.#ofLogin.get(login) ?? 1) - 1
    if (left === 0) this.#ofLogin.delete(login)
    else this.#ofLogin.set(login, left)
  }

  /** One listener per connection, however many wait on it. */
  #closersOf(connection: RequestConnection): Set<() => void> {
    const known = this.#ofConnection.get(connection)
    if (known !== undefined) return known
    const made = new Set<() => void>()
    this.#ofConnection.set(connection, made)
    connection.once('close', () => {
      for (const over of made) over()
    })
    return made
  }
}
