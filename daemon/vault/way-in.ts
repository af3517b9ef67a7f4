import { asGrantdError } from './describe-vault.ts'
import type { Latch, OpenVault } from './latch.ts'
import type { VaultOpening } from './open-vault.ts'
import { unwritten } from './unwritten.ts'
import type { Vault } from './vault.ts'
import type { VaultMaker } from './vault-maker.ts'

/** What it does on disk. */
type MarkMaker = Pick<VaultMaker, 'look' | 'readLock' | 'writeLock' | 'removeLock'>

/**
 * How a vault that was opened becomes the one that callers get: made ready first, only when
 * nobody locked it meanwhile, and, where it was locked on purpose, when it is durable that it
 * is not any more.
 */
export class WayIn {
  readonly #latch: Latch
  readonly #maker: MarkMaker
  readonly #onOpen: (vault: Vault) => Promise<void>
  #isMarkRead = false

  /** @param onOpen Runs once for each vault, before anybody gets it. */
  constructor(latch: Latch, maker: MarkMaker, onOpen: (vault: Vault) => Promise<void>) {
    this.#latch = latch
    this.#maker = maker
    this.#onOpen = onOpen
  }

  /** Learns, once, whether the vault was locked on purpose before this daemon started. */
  async readMark(): Promise<void> {
    if (this.#isMarkRead) return
    const by = await this.#maker.readLock()
    this.#isMarkRead = true
    this.#latch.remember(by)
  }

  /** Learns what lies sealed, as far as that can be seen. */
  async look(): Promise<void> {
    // What cannot be seen is told by whoever has to open it.
    const sealed = await this.#maker.look().catch(() => undefined)
    if (sealed !== undefined) this.#latch.look(sealed)
  }

  /**
   * Lets callers have what was opened. A vault that could not begin, or that was locked
   * meanwhile, goes; it is opened anew.
   *
   * @param locks Count of locks when the opening began.
   */
  async publish(opening: VaultOpening, locks: number): Promise<void> {
    const latch = this.#latch
    if (opening.kind === 'locked') {
      latch.set(opening)
      await this.look()
      return
    }
    const { vault } = opening
    try {
      this.#refuseLocked(locks)
      await this.#onOpen(vault)
      this.#refuseLocked(locks)
    } catch (error) {
      await vault.close().catch(() => undefined) // the first error counts
      throw error
    }
    latch.open(opening)
  }

  /**
   * The same for somebody who asked for it, whoever had locked it. Nothing is open before it
   * is durable that it is not locked any more.
   *
   * @throws GrantdError `vault_locked`: then it is locked as it was before
   */
  async letIn(opening: OpenVault, locks: number): Promise<void> {
    try {
      // who locked it meanwhile was told that a restart finds it locked, too
      this.#refuseLocked(locks)
      await this.#maker.removeLock().catch(unwritten)
      this.#isMarkRead = true
    } catch (error) {
      await opening.vault.close().catch(() => undefined) // the first error counts
      throw error
    }
    const before = this.#latch.lockedBy
    try {
      await this.publish(opening, locks)
    } catch (error) {
      if (before !== undefined) await this.#maker.writeLock(before).catch(unwritten)
      throw asGrantdError(error)
    }
  }

  #refuseLocked(locks: number): void {
    if (this.#latch.locks !== locks || this.#latch.isEnded) throw this.#latch.lockedError()
  }
}
