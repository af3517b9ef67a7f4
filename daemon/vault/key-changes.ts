import { GrantdError } from '@grantd/client/protocol'
import type { Secret } from '../base/secret.ts'
import { asGrantdError, lockedError, NOT_OPEN, openFacts } from './describe-vault.ts'
import { somethingSealed } from './init-vault.ts'
import { requireFittingPassphrase } from './key-request.ts'
import type { Latch } from './latch.ts'
import type { KeeperName } from './vault-facts.ts'
import type { VaultMaker } from './vault-maker.ts'
import type { WayIn } from './way-in.ts'

/**
 * Gives a vault another key, the first one or the next. Nobody else may be at work on it;
 * passphrases stay the caller's.
 */
export class KeyChanges {
  readonly #latch: Latch
  readonly #wayIn: WayIn
  readonly #maker: VaultMaker
  readonly #settle: () => Promise<void>

  /** @param settle Resolves when no exchange is under way any more. */
  constructor(latch: Latch, wayIn: WayIn, maker: VaultMaker, settle: () => Promise<void>) {
    this.#latch = latch
    this.#wayIn = wayIn
    this.#maker = maker
    this.#settle = settle
  }

  /**
   * Makes the first key and opens the vault; a vault that is open is given up.
   *
   * @throws GrantdError `invalid_request` when something would be lost that must not be;
   *   `vault_locked`
   */
  async init(
    how: { readonly provider: KeeperName | undefined; readonly discardSealed: boolean },
    passphrase: Secret | undefined,
  ): Promise<void> {
    const { locks } = this.#latch
    const sealed = await this.#maker.look().catch(unusable)
    const before = this.#latch.opening
    const lost = before.kind === 'open' ? openFacts(before.vault).records : sealed.records
    if (!how.discardSealed && (sealed.isAnything || lost > 0)) throw somethingSealed(lost)
    if (before.kind === 'open') {
      this.#latch.set(NOT_OPEN)
      await this.#settle()
      await before.vault.close().catch(() => undefined) // it is given up, saved or not
    }
    const asking = { passphrase, isPersonWaiting: true, signal: this.#latch.signal }
    const opening = await this.#maker.init(how, asking).catch(unusable)
    if (opening.kind === 'locked') {
      this.#latch.set(opening)
      throw lockedError(opening)
    }
    await this.#wayIn.letIn(opening, locks)
  }

  /**
   * Seals everything anew under a new key.
   *
   * @param wanted Undefined: the one that keeps the key now.
   * @throws GrantdError `vault_locked`, `invalid_request`
   */
  async rekey(
    wanted: KeeperName | undefined,
    passphrase: Secret | undefined,
  ): Promise<{ readonly records: number }> {
    const vault = this.#latch.vault()
    if (vault === undefined) throw this.#latch.lockedError()
    const provider = wanted ?? vault.provider
    if (vault.provider === 'memory' || provider === 'memory')
      throw new GrantdError('invalid_request', 'no key of a vault in memory is kept by anybody', {
        hint: 'grantd vault init',
      })
    requireFittingPassphrase(provider, passphrase)
    const notice = await this.#maker
      .rekey(vault, provider, { passphrase, isPersonWaiting: true, signal: this.#latch.signal })
      .catch(unusable)
    // What was said of the key before is over.
    this.#latch.set({ kind: 'open', vault, ...(notice !== undefined && { notice }) })
    return { records: vault.list().length }
  }
}

function unusable(error: unknown): never {
  throw asGrantdError(error)
}
