import { GrantdError } from '@grantd/client/protocol'
import type { Clock } from '../base/clock.ts'
import type { Secret } from '../base/secret.ts'
import { lockedBecause, lockedError } from './describe-vault.ts'
import type { Latch } from './latch.ts'
import type { VaultOpening } from './open-vault.ts'
import { UnlockDelay } from './unlock-delay.ts'
import type { VaultMaker } from './vault-maker.ts'
import type { WayIn } from './way-in.ts'

/** Opens a vault for somebody who asks for it, and makes whoever guesses a passphrase wait. */
export class Unlocking {
  readonly #latch: Latch
  readonly #wayIn: WayIn
  readonly #maker: VaultMaker
  readonly #delay: UnlockDelay
  #isAsking = false

  constructor(latch: Latch, wayIn: WayIn, maker: VaultMaker, clock: Clock) {
    this.#latch = latch
    this.#wayIn = wayIn
    this.#maker = maker
    this.#delay = new UnlockDelay(clock)
  }

  /** True while a keeper is asked, who may be waiting for a person. */
  get isAsking(): boolean {
    return this.#isAsking
  }

  /** @throws GrantdError `rate_limited` while the time after a wrong passphrase runs */
  refuseGuess(): void {
    const retryAfterSeconds = this.#delay.waitSeconds()
    if (retryAfterSeconds > 0)
      throw new GrantdError('rate_limited', 'a wrong passphrase was given a moment ago', {
        retryAfterSeconds,
      })
  }

  /**
   * Nothing happens to an open vault. Nobody else may be at work on it.
   *
   * @param passphrase Still the caller's. Undefined asks the keeper of the key again.
   * @throws GrantdError `vault_locked`, `rate_limited`, `invalid_request`
   */
  async unlock(passphrase: Secret | undefined): Promise<void> {
    if (this.#latch.vault() !== undefined) return
    // A lock waits its turn to close it. What it has not saved yet a second vault would not see.
    if (this.#latch.opening.kind === 'open') throw this.#latch.lockedError()
    const { locks } = this.#latch
    await this.#wayIn.look()
    // whoever ends the daemon waits for the look, but not for a keeper
    if (this.#latch.isEnded) throw this.#latch.lockedError()
    if (passphrase !== undefined) this.#refuseUnfit()
    const opening = await this.#askKeeper(passphrase)
    if (opening.kind === 'locked') {
      this.#latch.set(opening)
      const isWrong = passphrase !== undefined && opening.needs === 'passphrase'
      if (isWrong) this.#delay.wrong()
      throw lockedError(opening, isWrong ? this.#delay.waitSeconds() : undefined)
    }
    this.#delay.right()
    await this.#wayIn.letIn(opening, locks)
  }

  #refuseUnfit(): void {
    // What was asked before may have been wrong while this one waited its turn.
    this.refuseGuess()
    const { needs, hint } = this.#latch.whyLocked()
    if (needs !== 'passphrase')
      throw new GrantdError('invalid_request', 'this vault does not open with a passphrase', {
        hint,
      })
  }

  /** A keychain's prompt may stand open for a minute: the end of the daemon does not wait for it. */
  async #askKeeper(passphrase: Secret | undefined): Promise<VaultOpening> {
    this.#isAsking = true
    try {
      const { signal } = this.#latch
      return await this.#maker.open({ passphrase, isPersonWaiting: true, signal })
    } catch (error) {
      return lockedBecause(error)
    } finally {
      this.#isAsking = false
    }
  }
}
