import { GrantdError } from '@grantd/client/protocol'
import type { Clock } from '../base/clock.ts'
import type { Secret } from '../base/secret.ts'
import type { Locked } from './choose-key.ts'
import {
  asGrantdError,
  type DoorState,
  lockedBecause,
  lockedError,
  lockedFacts,
  lockedOnPurpose,
  NOT_OPEN,
  openFacts,
  openState,
} from './describe-vault.ts'
import { errorCode } from './error-code.ts'
import { somethingSealed } from './init-vault.ts'
import { requireFittingPassphrase } from './key-request.ts'
import type { VaultOpening } from './open-vault.ts'
import type { SealedRecords } from './sealed-records.ts'
import { Turns } from './turns.ts'
import { UnlockDelay } from './unlock-delay.ts'
import { unwritten } from './unwritten.ts'
import type { Vault } from './vault.ts'
import type { KeeperName, LockedBy, VaultFacts } from './vault-facts.ts'
import type { Asking, SealedFacts, VaultMaker } from './vault-maker.ts'

type OnPurpose = Exclude<LockedBy, 'keeper'>

/** Pause between two attempts that callers bring about. */
const RETRY_MS = 2_000

/** Nobody waits who could answer a prompt. */
const UNATTENDED: Asking = { passphrase: undefined, isPersonWaiting: false }

/**
 * The way to the vault while it may still be locked: callers get the vault or
 * `vault_locked` at once, and the first of them who finds it locked by its keeper makes the
 * next attempt start in the background. Nobody waits for a keychain. What was locked on
 * purpose stays locked until somebody asks for more than a grant.
 */
export class VaultDoor {
  readonly #maker: VaultMaker
  readonly #onOpen: (vault: Vault) => Promise<void>
  readonly #settle: () => Promise<void>
  readonly #clock: Clock
  readonly #delay: UnlockDelay
  readonly #turns = new Turns()
  #opening: VaultOpening = {
    kind: 'locked',
    reason: 'the vault is not open yet',
    hint: 'ask again',
  }
  #sealed: SealedFacts = { records: 0, isAnything: false, isRekeying: false }
  #lockedBy: OnPurpose | undefined
  #isLockRead = false
  /** Counts locks, so that what began to open before one of them does not stay open. */
  #locks = 0
  #isBusy = false
  #isAsking = false
  #isClosed = false
  #attempt: Promise<void> | undefined
  #attemptedAt = Number.NEGATIVE_INFINITY

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
    this.#maker = options.maker
    this.#onOpen = options.onOpen
    this.#settle = options.settle
    this.#clock = options.clock
    this.#delay = new UnlockDelay(options.clock)
  }

  /**
   * Attempts to open; resolves when the attempt is over, whatever it brought. Nothing happens
   * while the vault is locked on purpose, or somebody is at work on it.
   */
  async attempt(): Promise<void> {
    if (this.#isBusy || this.#isClosed || this.#lockedBy !== undefined) return
    this.#attempt ??= this.#try().finally(() => {
      this.#attempt = undefined
    })
    await this.#attempt
  }

  /** @throws GrantdError `vault_locked` */
  current(): Vault {
    const vault = this.#openVault()
    if (vault !== undefined) return vault
    if (this.#clock.monotonic() - this.#attemptedAt >= RETRY_MS) void this.attempt()
    throw this.#lockedError()
  }

  /** Where grants are kept, and what the person must know about it. */
  state(): DoorState {
    const vault = this.#openVault()
    if (vault === undefined) return { kind: 'locked', detail: this.#whyLocked().reason }
    return openState(vault, this.notice())
  }

  /** What must be said after a login; `undefined` when there is nothing to warn of. */
  notice(): string | undefined {
    return this.#opening.kind === 'open' ? this.#opening.notice : undefined
  }

  /** Everything that may be shown about the vault; asks no keeper. */
  facts(): VaultFacts {
    const vault = this.#openVault()
    return vault === undefined
      ? lockedFacts(this.#whyLocked(), this.#sealed, this.#lockedBy ?? 'keeper')
      : openFacts(vault)
  }

  /**
   * Ends access to the vault at once, waits for exchanges under way, and wipes the key.
   * A restart changes nothing about it: only `unlock` does. Idleness locks only what is open.
   *
   * @throws GrantdError `invalid_request` for a vault in memory, whose grants would end;
   *   `vault_locked` when a record cannot be written that would be lost: then it stays open;
   *   or when it is locked, but only until a restart
   */
  async lock(by: OnPurpose): Promise<void> {
    const before = this.#lockedBy
    if (this.#opening.kind === 'open' && this.#opening.vault.kind === 'memory')
      throw new GrantdError('invalid_request', 'to lock a vault in memory would end its grants', {
        hint: 'grantd revoke',
      })
    if (by === 'idle' && this.#openVault() === undefined) return
    this.#locks += 1
    this.#lockedBy = before === 'person' ? before : by
    const lockedBy = this.#lockedBy
    // Written before anything is waited for: who kills us now shall find it locked.
    const written = this.#maker.writeLock(lockedBy).then(
      () => undefined,
      (error: unknown) => error,
    )
    if (this.#opening.kind === 'open')
      await this.#exclusively(() => this.#closeForLock(before, written))
    else await this.#attempt
    const failure = await written
    if (failure !== undefined)
      throw new GrantdError(
        'vault_locked',
        `locked, but a restart would open it: ${errorCode(failure)}`,
        { hint: 'make room on the disk of the state directory, and let us write to it' },
      )
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
      if (passphrase !== undefined) this.#refuseGuess()
      await this.#exclusively(() => this.#unlock(passphrase))
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
      await this.#exclusively(() => this.#init({ provider, discardSealed }, passphrase))
    } finally {
      passphrase?.wipe()
    }
  }

  /**
   * Seals everything anew under a new key, while the daemon serves. Asked again after a
   * failure, it goes on where it stopped.
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
      return await this.#exclusively(() => this.#rekey(how.provider, how.passphrase))
    } finally {
      how.passphrase?.wipe()
    }
  }

  /** Waits for what is under way, but not for a person at a prompt, and closes the vault. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#attempt
    if (!this.#isAsking) await this.#turns.allEnded()
    if (this.#opening.kind === 'open') await this.#opening.vault.close()
  }

  #openVault(): SealedRecords | undefined {
    if (this.#lockedBy !== undefined || this.#opening.kind === 'locked') return undefined
    return this.#opening.vault
  }

  #whyLocked(): Locked {
    if (this.#lockedBy !== undefined) return lockedOnPurpose(this.#lockedBy, this.#sealed)
    return this.#opening.kind === 'locked' ? this.#opening : NOT_OPEN
  }

  #lockedError(): GrantdError {
    return lockedError(this.#whyLocked())
  }

  /** One work on the vault at a time, and no attempt beside it. */
  async #exclusively<T>(work: () => Promise<T>): Promise<T> {
    return await this.#turns.take('door', async () => {
      if (this.#isClosed) throw new GrantdError('vault_locked', 'the vault is closed')
      this.#isBusy = true
      try {
        await this.#attempt
        return await work()
      } finally {
        this.#isBusy = false
      }
    })
  }

  async #try(): Promise<void> {
    if (this.#opening.kind === 'open') return
    this.#attemptedAt = this.#clock.monotonic()
    const locks = this.#locks
    try {
      await this.#readLock()
      if (this.#lockedBy !== undefined) this.#sealed = await this.#maker.look()
      else await this.#publish(await this.#maker.open(UNATTENDED), locks)
    } catch (error) {
      this.#opening = lockedBecause(error)
    }
  }

  async #readLock(): Promise<void> {
    if (this.#isLockRead) return
    const by = await this.#maker.readLock()
    this.#isLockRead = true
    this.#lockedBy ??= by
  }

  /** A vault that could not begin, or that was locked meanwhile, goes; it is opened anew. */
  async #publish(opening: VaultOpening, locks: number): Promise<void> {
    if (opening.kind === 'locked') {
      this.#opening = opening
      this.#sealed = await this.#maker.look().catch(() => this.#sealed) // for show only
      return
    }
    const { vault } = opening
    try {
      await this.#onOpen(vault)
      if (this.#locks !== locks || this.#isClosed) throw this.#lockedError()
    } catch (error) {
      await vault.close().catch(() => undefined) // the first error counts
      throw error
    }
    this.#lockedBy = undefined
    this.#opening = opening
  }

  async #closeForLock(before: OnPurpose | undefined, written: Promise<unknown>): Promise<void> {
    const opening = this.#opening
    if (opening.kind === 'locked') return
    await this.#settle()
    const { vault } = opening
    try {
      await vault.flush()
    } catch (error) {
      await written
      this.#lockedBy = before
      await this.#maker.removeLock().catch(() => undefined) // the first error counts
      throw error
    }
    await this.#shut(opening)
  }

  async #shut({ vault }: Extract<VaultOpening, { kind: 'open' }>): Promise<void> {
    const { provider, keyId, broken, isRekeying } = vault
    const records = vault.list().length + broken.length
    this.#sealed = { provider, keyId, records, isAnything: true, isRekeying }
    this.#opening = NOT_OPEN
    await vault.close()
  }

  #refuseGuess(): void {
    const retryAfterSeconds = this.#delay.waitSeconds()
    if (retryAfterSeconds > 0)
      throw new GrantdError('rate_limited', 'a wrong passphrase was given a moment ago', {
        retryAfterSeconds,
      })
  }

  async #unlock(passphrase: Secret | undefined): Promise<void> {
    if (this.#openVault() !== undefined) return
    const locks = this.#locks
    if (passphrase !== undefined) {
      // What was asked before may have been wrong while this one waited its turn.
      this.#refuseGuess()
      if (this.#whyLocked().needs !== 'passphrase')
        throw new GrantdError('invalid_request', 'this vault does not open with a passphrase', {
          hint: this.#whyLocked().hint,
        })
    }
    const opening = await this.#askKeeper(passphrase)
    if (opening.kind === 'locked') {
      this.#opening = opening
      const isWrong = passphrase !== undefined && opening.needs === 'passphrase'
      if (isWrong) this.#delay.wrong()
      throw lockedError(opening, isWrong ? this.#delay.waitSeconds() : undefined)
    }
    this.#delay.right()
    await this.#letIn(opening, locks)
  }

  /** A keychain's prompt may stand open for a minute: the end of the daemon does not wait for it. */
  async #askKeeper(passphrase: Secret | undefined): Promise<VaultOpening> {
    this.#isAsking = true
    try {
      return await this.#maker.open({ passphrase, isPersonWaiting: true })
    } catch (error) {
      return lockedBecause(error)
    } finally {
      this.#isAsking = false
    }
  }

  /** Nothing is open before it is durable that it is not locked any more. */
  async #letIn(opening: Extract<VaultOpening, { kind: 'open' }>, locks: number): Promise<void> {
    try {
      await this.#maker.removeLock().catch(unwritten)
      this.#isLockRead = true
    } catch (error) {
      await opening.vault.close().catch(() => undefined) // the first error counts
      throw error
    }
    const before = this.#lockedBy
    try {
      await this.#publish(opening, locks)
    } catch (error) {
      if (before !== undefined) await this.#maker.writeLock(before).catch(unwritten)
      throw asGrantdError(error)
    }
  }

  async #init(
    how: { readonly provider: KeeperName | undefined; readonly discardSealed: boolean },
    passphrase: Secret | undefined,
  ): Promise<void> {
    const locks = this.#locks
    const sealed = await this.#maker.look().catch(unusable)
    const before = this.#opening
    const lost = before.kind === 'open' ? before.vault.list().length : sealed.records
    if (!how.discardSealed && (sealed.isAnything || lost > 0)) throw somethingSealed(lost)
    if (before.kind === 'open') {
      this.#opening = NOT_OPEN
      await this.#settle()
      await before.vault.close().catch(() => undefined) // it is given up, saved or not
    }
    const asking = { passphrase, isPersonWaiting: true }
    const opening = await this.#maker.init(how, asking).catch(unusable)
    if (opening.kind === 'locked') {
      this.#opening = opening
      throw lockedError(opening)
    }
    await this.#letIn(opening, locks)
  }

  async #rekey(
    wanted: KeeperName | undefined,
    passphrase: Secret | undefined,
  ): Promise<{ readonly records: number }> {
    const opening = this.#opening
    if (this.#openVault() === undefined || opening.kind === 'locked') throw this.#lockedError()
    const { vault } = opening
    const provider = wanted ?? vault.provider
    if (vault.provider === 'memory' || provider === 'memory')
      throw new GrantdError('invalid_request', 'no key of a vault in memory is kept by anybody', {
        hint: 'grantd vault init',
      })
    requireFittingPassphrase(provider, passphrase)
    const notice = await this.#maker
      .rekey(vault, provider, { passphrase, isPersonWaiting: true })
      .catch(unusable)
    // What was said of the key before is over.
    this.#opening = { kind: 'open', vault, ...(notice !== undefined && { notice }) }
    return { records: vault.list().length }
  }
}

function unusable(error: unknown): never {
  throw asGrantdError(error)
}
