import { GrantdError } from '@grantd/client/protocol'
import type { Clock } from '../base/clock.ts'
import { MEMORY_ONLY } from './choose-key.ts'
import { errorCode } from './error-code.ts'
import type { Vault } from './vault.ts'
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
