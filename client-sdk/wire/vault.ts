/** Who keeps the key that records are sealed with. */
export type VaultProvider =
  | 'keychain'
  | 'kernel_keyring'
  | 'passphrase'
  | 'credential_file'
  | 'memory'

/** A record on disk that cannot be opened. */
export interface BrokenVaultRecord {
  /** Name of the file. */
  readonly file: string
  readonly reason: string
}

/** Answer of `GET /v1/vault`, and of every change to the vault: how it is then. */
export interface VaultStatus {
  readonly state: 'open' | 'locked'
  /** Absent before there is a key. */
  readonly provider?: VaultProvider
  /** Tells sealing keys apart and opens nothing: 16 hexadecimal digits. */
  readonly key_id?: string
  /** Sealed records, those that cannot be opened too. */
  readonly records: number
  readonly broken: readonly BrokenVaultRecord[]
  /** True while records lie under two keys: a rekey is under way, or has to be asked for again. */
  readonly rekey_unfinished: boolean
  /** Who or what keeps it locked; only a keeper that answers again opens it by itself. */
  readonly locked_by?: 'person' | 'idle' | 'keeper'
  /** What it takes to open it, where more is needed than `unlock` without a passphrase. */
  readonly needs?: 'passphrase' | 'init' | 'key'
  /** Why it is locked, in a sentence. */
  readonly reason?: string
  /** What helps. */
  readonly hint?: string
}

/** Body of `POST /v1/vault/unlock`. */
export interface VaultUnlockRequest {
  /** For a vault whose keeper is a passphrase. */
  readonly passphrase?: string
}

/** Body of `POST /v1/vault/rekey`. */
export interface VaultRekeyRequest {
  /** Omitted: the keeper stays, the key is a new one. */
  readonly provider?: VaultProvider
  /** The new one, where the keeper is a passphrase. */
  readonly passphrase?: string
}

/** Body of `POST /v1/vault/init`. */
export interface VaultInitRequest extends VaultRekeyRequest {
  /** True: sealed records that are there are deleted, and their refresh tokens live on at the issuers. */
  readonly discard_sealed?: boolean
}
