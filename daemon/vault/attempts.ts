import type { Clock } from '../base/clock.ts'
import { lockedBecause } from './describe-vault.ts'
import type { Latch } from './latch.ts'
import type { Asking, VaultMaker } from './vault-maker.ts'
import type { WayIn } from './way-in.ts'

/** Pause between two attempts that callers bring about. */
const RETRY_MS = 2_000

/**
 * Attempts to open a vault that its keeper locked: one at a time, in the background, and none
 * while it is locked on purpose or somebody is at work on it.
 */
export class Attempts {
  readonly #latch: Latch
  readonly #wayIn: WayIn
  readonly #maker: Pick<VaultMaker, 'open' | 'look'>
  readonly #clock: Clock
  #isPaused = false
  #underWay: Promise<void> | undefined
  #attemptedAt = Number.NEGATIVE_INFINITY

  constructor(latch: Latch, wayIn: WayIn, maker: Pick<VaultMaker, 'open' | 'look'>, clock: Clock) {
    this.#latch = latch
    this.#wayIn = wayIn
    this.#maker = maker
    this.#clock = clock
  }

  /** Begins one or joins the one under way; resolves when it is over, whatever it brought. */
  async attempt(): Promise<void> {
    const { isEnded, lockedBy } = this.#latch
    if (this.#isPaused || isEnded || lockedBy !== undefined) return
    this.#underWay ??= this.#try().finally(() => {
      this.#underWay = undefined
    })
    await this.#underWay
  }

  /** Begins one for callers, who may be many: one every two seconds, and nobody waits for it. */
  begin(): void {
    if (this.#clock.monotonic() - this.#attemptedAt >= RETRY_MS) void this.attempt()
  }

  /** Resolves when none is under way. */
  async ended(): Promise<void> {
    await this.#underWay
  }

  /** Does work on the vault with no attempt beside it. */
  async pausedFor<T>(work: () => Promise<T>): Promise<T> {
    this.#isPaused = true
    try {
      await this.#underWay
      return await work()
    } finally {
      this.#isPaused = false
    }
  }

  /** Nobody waits who could answer a prompt. */
  #unattended(): Asking {
    return { passphrase: undefined, isPersonWaiting: false, signal: this.#latch.signal }
  }

  async #try(): Promise<void> {
    if (this.#latch.opening.kind === 'open') return
    this.#attemptedAt = this.#clock.monotonic()
    const { locks } = this.#latch
    try {
      await this.#wayIn.readMark()
      if (this.#latch.lockedBy !== undefined) this.#latch.look(await this.#maker.look())
      else await this.#wayIn.publish(await this.#maker.open(this.#unattended()), locks)
    } catch (error) {
      this.#latch.set(lockedBecause(error))
      await this.#wayIn.look()
    }
  }
}
