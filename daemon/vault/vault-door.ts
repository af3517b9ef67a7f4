import { GrantdError } from '@grantd/client/protocol'
import type { Clock } from '../base/clock.ts'
import type { Secret } from '../base/secret.ts'
import { MEMORY_ONLY } from './choose-key.ts'
import { errorCode } from './error-code.ts'
import type { Vault } from './vault.ts'
import type { KeeperName, LockedBy, VaultFacts } from './vault-facts.ts'
import { VaultUnusableError } from './vault-unusable-error.ts'

/** What an attempt to open the vault brought. */
export type Opening =
  | { readonly kind: 'open'; readonly vault: Vault; readonly notice?: string }
  | { readonly kind: 'locked'; readonly reason: string; readonly hint: string }

/** How a vault's state is told. */
export interface DoorState {
  readonly kind: 'sealed' | 'memory' | 'locked'
  /** One sentence for a person. */
  readonly detail: string
}

/** Pause between two attempts that callers bring about. */
const RETRY_MS = 2_000

/**
 * The way to the vault while it may still be locked: callers get the vault or
 * `vault_locked` at once, and the first of them who finds it locked makes the next
 * attempt start in the background. Nobody waits for a keychain.
 */
export class VaultDoor {
  readonly #open: () => Promise<Opening>
  readonly #onOpen: (vault: Vault) => Promise<void>
  readonly #clock: Clock
  #opening: Opening = { kind: 'locked', reason: 'the vault is not open yet', hint: 'ask again' }
  #attempt: Promise<void> | undefined
  #attemptedAt = Number.NEGATIVE_INFINITY

  /** @param options.onOpen Runs once, before anybody gets the vault. */
  constructor(options: {
    readonly open: () => Promise<Opening>
    readonly onOpen: (vault: Vault) => Promise<void>
    readonly clock: Clock
  }) {
    this.#open = options.open
    this.#onOpen = options.onOpen
    this.#clock = options.clock
  }

  /** Attempts to open; resolves when the attempt is over, whatever it brought. */
  async attempt(): Promise<void> {
    this.#attempt ??= this.#try().finally(() => {
      this.#attempt = undefined
    })
    await this.#attempt
  }

  /** @throws GrantdError `vault_locked` */
  current(): Vault {
    const opening = this.#opening
    if (opening.kind === 'open') return opening.vault
    if (this.#clock.monotonic() - this.#attemptedAt >= RETRY_MS) void this.attempt()
    throw new GrantdError('vault_locked', opening.reason, { hint: opening.hint })
  }

  /** Where grants are kept, and what the person must know about it. */
  state(): DoorState {
    const opening = this.#opening
    if (opening.kind === 'locked') return { kind: 'locked', detail: opening.reason }
    const { kind, broken } = opening.vault
    return { kind, detail: `${opening.notice ?? DETAILS[kind]}${brokenWords(broken.length)}` }
  }

  /** What must be said after a login; `undefined` when there is nothing to warn of. */
  notice(): string | undefined {
    return this.#opening.kind === 'open' ? this.#opening.notice : undefined
  }

  /** Everything that may be shown about the vault; asks no keeper. */
  facts(): VaultFacts {
    throw new GrantdError('internal_error', 'not known yet')
  }

  /**
   * Ends access to the vault at once, waits for exchanges under way, and wipes the key.
   * A restart changes nothing about it: only `unlock` does.
   *
   * @throws GrantdError `invalid_request` for a vault in memory, whose grants would end;
   *   `vault_locked` when a record cannot be written that would be lost: then it stays open
   */
  async lock(by: Exclude<LockedBy, 'keeper'>): Promise<void> {
    throw new GrantdError('internal_error', `not lockable by ${by} yet`)
  }

  /**
   * Opens a vault, whoever locked it; nothing happens to an open one.
   *
   * @param passphrase Taken over and wiped. Undefined asks the keeper of the key again.
   * @throws GrantdError `vault_locked`, with `retryAfterSeconds` after a wrong passphrase;
   *   `rate_limited` while that time runs; `invalid_request` for a passphrase nobody asked for
   */
  async unlock(passphrase: Secret | undefined): Promise<void> {
    passphrase?.wipe()
    throw new GrantdError('internal_error', 'not yet')
  }

  /**
   * Makes the first key of a vault.
   *
   * @param how.provider Undefined: as the configuration says.
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
    how.passphrase?.wipe()
    throw new GrantdError('internal_error', 'not yet')
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
    how.passphrase?.wipe()
    throw new GrantdError('internal_error', 'not yet')
  }

  async close(): Promise<void> {
    await this.#attempt
    if (this.#opening.kind === 'open') await this.#opening.vault.close()
  }

  /** A vault that could not begin is opened anew next time, so this one goes. */
  async #begin(vault: Vault): Promise<void> {
    try {
      await this.#onOpen(vault)
    } catch (error) {
      await vault.close().catch(() => undefined) // the first error counts
      throw error
    }
  }

  async #try(): Promise<void> {
    if (this.#opening.kind === 'open') return
    this.#attemptedAt = this.#clock.monotonic()
    try {
      const opening = await this.#open()
      if (opening.kind === 'open') await this.#begin(opening.vault)
      this.#opening = opening
    } catch (error) {
      this.#opening = lockedBy(error)
    }
  }
}

/** Our own words, or a system error's code; what else an error says may be a secret. */
function lockedBy(error: unknown): Opening {
  if (error instanceof VaultUnusableError || error instanceof GrantdError)
    return { kind: 'locked', reason: error.message, hint: error.hint ?? DOCTOR }
  const reason = `the vault cannot be opened: ${errorCode(error)}`
  return { kind: 'locked', reason, hint: DOCTOR }
}

function brokenWords(records: number): string {
  if (records === 0) return ''
  return `; ${records === 1 ? '1 record' : `${records} records`} cannot be opened`
}

const DOCTOR = 'grantd doctor'

const DETAILS = {
  sealed: 'grants are sealed on disk with a key from the OS keychain',
  memory: MEMORY_ONLY,
} as const
