import type { BrokenRecord } from './broken-record-error.ts'
import type { Provider } from './sealing-key.ts'

/** Who keeps a sealing key, by the name that stands in records and on the wire. */
export type KeeperName = Provider

/** Who or what keeps a vault locked; only the last one opens it without being asked. */
export type LockedBy = 'person' | 'idle' | 'keeper'

/** Who locked a vault on purpose. */
export type LockedOnPurposeBy = Exclude<LockedBy, 'keeper'>

/** What it takes to open a locked vault, where more than patience or an `unlock` is needed. */
export type Need =
  /** `unlock` with the passphrase. */
  | 'passphrase'
  /** `init`: there is no key yet, and none is made without being asked for. */
  | 'init'
  /** The key is gone, or belongs to another machine: restore it, or `init` and log in again. */
  | 'key'

/** Everything about a vault that may be shown; nothing of it opens anything. */
export interface VaultFacts {
  readonly state: 'open' | 'locked'
  /** Who keeps the key; absent before there is one. */
  readonly provider?: KeeperName
  /** Hexadecimal; 16 digits that name the key. */
  readonly keyId?: string
  /** Records that lie sealed, readable or not. */
  readonly records: number
  /** Those that cannot be opened; known once the vault was opened. */
  readonly broken: readonly BrokenRecord[]
  /** True while records lie under two keys: a rekey is under way, or has to be asked for again. */
  readonly isRekeying: boolean
  readonly lockedBy?: LockedBy
  readonly needs?: Need
  /** Why it is locked, one sentence for a person. */
  readonly reason?: string
  /** The command or deed that helps. */
  readonly hint?: string
}
