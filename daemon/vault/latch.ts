import type { GrantdError } from '@grantd/client/protocol'
import type { Locked } from './choose-key.ts'
import {
  type DoorState,
  lockedError,
  lockedFacts,
  lockedOnPurpose,
  NOT_OPEN,
  openFacts,
  openState,
} from './describe-vault.ts'
import type { VaultOpening } from './open-vault.ts'
import type { SealedRecords } from './sealed-records.ts'
import type { LockedOnPurposeBy, VaultFacts } from './vault-facts.ts'
import type { SealedFacts } from './vault-maker.ts'

/** An opening that brought a vault. */
export type OpenVault = Extract<VaultOpening, { kind: 'open' }>

/**
 * Whether a door is open, and what keeps it shut: its keeper, somebody's purpose, or the end
 * of the daemon. Purpose comes before keepers. Waits for nothing and touches no disk.
 */
export class Latch {
  #opening: VaultOpening = {
    kind: 'locked',
    reason: 'the vault is not open yet',
    hint: 'ask again',
  }
  #sealed: SealedFacts = {
    records: 0,
    isAnything: false,
    isRekeying: false,
    takesPassphrase: false,
  }
  #lockedBy: LockedOnPurposeBy | undefined
  #locks = 0
  #isEnded = false
  #patience = new AbortController()

  /** What the last attempt to open brought, locked on purpose since or not. */
  get opening(): VaultOpening {
    return this.#opening
  }

  /** Who locked it on purpose; then it opens for nobody but an `unlock` or an `init`. */
  get lockedBy(): LockedOnPurposeBy | undefined {
    return this.#lockedBy
  }

  /** Counts locks, so that what began to open before one of them does not stay open. */
  get locks(): number {
    return this.#locks
  }

  /** True once the daemon ends: nothing opens any more. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Aborted by the next lock, and by the end: neither waits for a keeper that may hang. */
  get signal(): AbortSignal {
    return this.#patience.signal
  }

  /** The vault, where callers may have it. */
  vault(): SealedRecords | undefined {
    if (this.#lockedBy !== undefined || this.#opening.kind === 'locked') return undefined
    return this.#opening.vault
  }

  /** Why there is none for them. */
  whyLocked(): Locked {
    if (this.#lockedBy !== undefined) return lockedOnPurpose(this.#lockedBy, this.#sealed)
    return this.#opening.kind === 'locked' ? this.#opening : NOT_OPEN
  }

  /** The same, as callers hear it. */
  lockedError(): GrantdError {
    return lockedError(this.whyLocked())
  }

  /** Where grants are kept, and what the person must know about it. */
  state(): DoorState {
    const vault = this.vault()
    if (vault === undefined) return { kind: 'locked', detail: this.whyLocked().reason }
    return openState(vault, this.notice())
  }

  /** What must be said after a login; `undefined` when there is nothing to warn of. */
  notice(): string | undefined {
    return this.#opening.kind === 'open' ? this.#opening.notice : undefined
  }

  /** Everything that may be shown about the vault. */
  facts(): VaultFacts {
    const vault = this.vault()
    return vault === undefined
      ? lockedFacts(this.whyLocked(), this.#sealed, this.#lockedBy ?? 'keeper')
      : openFacts(vault)
  }

  /** Takes what an attempt brought; whoever locked it on purpose still keeps it locked. */
  set(opening: VaultOpening): void {
    this.#opening = opening
  }

  /** Opens for callers, whoever had locked it. */
  open(opening: OpenVault): void {
    this.#lockedBy = undefined
    this.#opening = opening
  }

  /** Locks at once; a person's lock is never taken for one of idleness. */
  lock(by: LockedOnPurposeBy): LockedOnPurposeBy {
    this.#locks += 1
    this.#patience.abort()
    this.#patience = new AbortController()
    const lockedBy = this.#lockedBy === 'person' ? 'person' : by
    this.#lockedBy = lockedBy
    return lockedBy
  }

  /**
   * Takes a lock of an open vault back that could not be kept.
   *
   * @param lock The count of locks with this one. Whoever locked since then decides himself.
   * @returns True when nobody has.
   */
  takeBack(lock: number): boolean {
    if (this.#locks !== lock) return false
    this.#lockedBy = undefined
    return true
  }

  /** Takes what an earlier daemon wrote down; who locked it since then counts more. */
  remember(by: LockedOnPurposeBy | undefined): void {
    this.#lockedBy ??= by
  }

  /** Lets go of the vault that is about to be closed, and remembers what may be shown of it. */
  shut({ vault }: OpenVault): void {
    const { provider, keyId, broken, isRekeying, former } = vault
    this.#sealed = {
      provider,
      keyId,
      records: vault.list().length + broken.length,
      isAnything: true,
      isRekeying,
      takesPassphrase: [provider, former?.provider].includes('passphrase'),
    }
    this.#opening = NOT_OPEN
  }

  /** Remembers what lies sealed, for show. */
  look(sealed: SealedFacts): void {
    this.#sealed = sealed
  }

  /** Nothing opens after this. */
  end(): void {
    this.#isEnded = true
    this.#patience.abort()
  }
}
