import type { SealHeader } from './seal.ts'
import type { Provider } from './sealing-key.ts'

/** Who keeps a key beyond the life of the daemon. */
export type DurableProvider = Exclude<Provider, 'memory'>

/** What a keeper answers instead of a key. */
export interface Refusal {
  readonly kind: /** It cannot be reached at all, and never could: another keeper may be chosen. */
    | 'unavailable'
    /** The key is not there, or the keeper is locked and will not say. */
    | 'none'
    /** It gave no answer, or one that makes no sense. */
    | 'silent'
    /** It needs the passphrase. */
    | 'asks'
    /** The passphrase is not the one. */
    | 'wrong'
  /** One sentence for a person; nothing that is secret. */
  readonly reason: string
  /** The command or deed that helps. */
  readonly hint: string
}

/** A key that was found; the caller wipes its bytes. */
export interface FoundKey {
  readonly kind: 'found'
  readonly bytes: Buffer
}

/** A key that was made and is kept by nobody yet; the caller wipes its bytes. */
export interface MadeKey {
  readonly kind: 'made'
  readonly bytes: Buffer
  /** What the keeper needs to find it again beside its id; stands in every header. */
  readonly parameters: Buffer
}

/** What tells one key from another at its keeper. */
export type KeyName = Pick<SealHeader, 'keyId' | 'parameters'>

/** One who keeps sealing keys, each under a name that holds its id. Nothing here rejects. */
export interface Keeper {
  readonly provider: DurableProvider
  /** @param other Id of a key that the new one must not be. */
  make(other: Buffer | undefined): Promise<MadeKey | Refusal>
  /** @returns Bytes whose id is the one asked for, and no others. */
  find(name: KeyName): Promise<FoundKey | Refusal>
  /** Counts only when the same bytes were read back. */
  keep(keyId: Buffer, bytes: Buffer): Promise<{ readonly kind: 'kept' } | Refusal>
  /** @returns False when the key may still be there. */
  forget(keyId: Buffer): Promise<boolean>
}

/** No parameters: for keepers who keep the key itself. */
export const NO_PARAMETERS = Buffer.alloc(0)
