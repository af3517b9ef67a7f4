import { GrantdError } from '@grantd/client/protocol'
import type { Clock } from '../base/clock.ts'
import type { Secret } from '../base/secret.ts'
import { Attempts } from './attempts.ts'
import { beginLock } from './begin-lock.ts'
import type { DoorState } from './describe-vault.ts'
import { KeyChanges } from './key-changes.ts'
import { requireFittingPassphrase } from './key-request.ts'
import { Latch } from './latch.ts'
import { Turns } from './turns.ts'
import { Unlocking } from './unlocking.ts'
import type { Vault } from './vault.ts'
import type { KeeperName, LockedOnPurposeBy, VaultFacts } from './vault-facts.ts'
import type { VaultMaker } from './vault-maker.ts'
import { WayIn } from './way-in.ts'

/**
 * The way to the vault while it may still be locked: callers get the vault or
 * `vault_locked` at once, and the first of them who finds it locked by its keeper makes the
 * next attempt start in the background. Nobody waits for a keychain. What was locked on
 * purpose stays locked until somebody asks for more than a grant.
 */
export class VaultDoor {
  readonly #maker: VaultMaker
  readonly #settle: () => Promise<void>
  readonly #latch = new Latch()
  readonly #attempts: Attempts
  readonly #unlocking: Unlocking
  readonly #keyChanges: KeyChanges
  readonly #turns = new Turns()

  /**
   * @param options.onOpen Runs once for each vault, before anybody gets it.
   * @param options.settle Resolves when no exchange is under way any more.
   */
  constructor(options: {
    readonly maker: VaultMaker
    readonly onOpen: (vault: Vault) => Promise<void>
    readonly settle: () => Promise<void>
    readonly clock: Clock
  }) {
    const { maker, onOpen, settle, clock } = options
    const wayIn = new WayIn(this.#latch, maker, onOpen)
    this.#maker = maker
    this.#settle = settle
    this.#attempts = new Attempts(this.#latch, wayIn, maker, clock)
    this.#unlocking = new Unlocking(this.#latch, wayIn, maker, clock)
    this.#keyChanges = new KeyChanges(this.#latch, wayIn, maker, settle)
  }

  /**
   * Attempts to open; resolves when the attempt is over, whatever it brought. Nothing happens
   * while the vault is locked on purpose, or somebody is at work on it.
   */
  async attempt(): Promise<void> {
    await this.#attempts.attempt()
  }

  /** @throws GrantdError `vault_locked` */
  current(): Vault {
    const vault = this.#latch.vault()
    if (vault !== undefined) return vault
    this.#attempts.begin()
    throw this.#latch.lockedError()
  }

  /** Where grants are kept, and what the person must know about it. */
  state(): DoorState {
    return this.#latch.state()
  }

  /** What must be said after a login; `undefined` when there is nothing to warn of. */
  notice(): string | undefined {
    return this.#latch.notice()
  }

  /** Everything that may be shown about the vault; asks no keeper. */
  facts(): VaultFacts {
    return this.#latch.facts()
  }

  /**
   * Ends access to the vault at once, waits for exchanges under way, and wipes the key.
   * A restart changes nothing about it: only `unlock` does. Idleness locks only what is open.
   *
   * @throws GrantdError `invalid_request` for a vault in memory, whose grants would end;
   *   `vault_locked` when a record cannot be written that would be lost: then it stays open;
   *   or when it is locked, but only until a restart
   */
  async lock(by: LockedOnPurposeBy): Promise<void> {
    const lock = beginLock(this.#latch, this.#maker, this.#settle, by)
    if (lock === undefined) return
    if (this.#latch.opening.kind === 'open') await this.#exclusively(lock.shut)
    else await this.#attempts.ended()
    await lock.writtenDown()
  }

  /**
   * Opens a vault, whoever locked it; nothing happens to an open one.
   *
   * @param passphrase Taken over and wiped. Undefined asks the keeper of the key again.
   * @throws GrantdError `vault_locked`, with `retryAfterSeconds` after a wrong passphrase;
   *   `rate_limited` while that time runs; `invalid_request` for a passphrase nobody asked for
   */
  async unlock(passphrase: Secret | undefined): Promise<void> {
    try {
      if (passphrase !== undefined) this.#unlocking.refuseGuess()
      await this.#exclusively(() => this.#unlocking.unlock(passphrase))
    } finally {
      passphrase?.wipe()
    }
  }

  /**
   * Makes the first key of a vault, and opens it.
   *
   * @param how.provider Undefined: as the configuration says, `auto` for a first key.
   * @param how.passphrase Taken over and wiped; for `passphrase` only.
   * @param how.discardSealed Removes for good what lies sealed under a key that is there or gone.
   * @throws GrantdError `invalid_request` when something is sealed and must not be discarded,
   *   or the provider and the passphrase do not go together; `vault_locked`
   */
  async init(how: {
    readonly provider: KeeperName | undefined
    readonly passphrase?: Secret
    readonly discardSealed: boolean
  }): Promise<void> {
    const { passphrase, discardSealed } = how
    // A passphrase is a wish of its own, and there is only one keeper who takes it.
    const provider = how.provider ?? (passphrase === undefined ? undefined : 'passphrase')
    try {
      requireFittingPassphrase(provider ?? this.#maker.wish(), passphrase)
      await this.#exclusively(() => this.#keyChanges.init({ provider, discardSealed }, passphrase))
    } finally {
      passphrase?.wipe()
    }
  }

  /**
   * Seals everything anew under a new key, while the daemon serves. Asked again after a
   * failure, it ends that one first.
   *
   * @param how.provider Undefined: the one that keeps the key now.
   * @param how.passphrase Taken over and wiped; for `passphrase` only.
   * @returns How many records lie under the new key.
   * @throws GrantdError `vault_locked`, `invalid_request`
   */
  async rekey(how: {
    readonly provider: KeeperName | undefined
    readonly passphrase?: Secret
  }): Promise<{ readonly records: number }> {
    try {
      return await this.#exclusively(() => this.#keyChanges.rekey(how.provider, how.passphrase))
    } finally {
      how.passphrase?.wipe()
    }
  }

  /** Waits for what is under way, but not for a person at a prompt, and closes the vault. */
  async close(): Promise<void> {
    this.#latch.end()
    await this.#attempts.ended()
    if (!this.#unlocking.isAsking) await this.#turns.allEnded()
    const { opening } = this.#latch
    if (opening.kind === 'open') await opening.vault.close()
  }

  /** One work on the vault at a time, and no attempt beside it. */
  async #exclusively<T>(work: () => Promise<T>): Promise<T> {
    return await this.#turns.take('door', async () => {
      if (this.#latch.isEnded) throw new GrantdError('vault_locked', 'the vault is closed')
      return await this.#attempts.pausedFor(work)
    })
  }
}
