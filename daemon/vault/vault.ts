import type { Grant } from '../grant/grant.ts'
import type { GrantRecord } from '../grant/grant-record.ts'
import type { BrokenRecord } from './broken-record-error.ts'

/**
 * Where grants live. Every change is sealed and durable before its promise
 * resolves; changes to one grant happen one after the other, grants never wait
 * for each other. Two implementations pass one conformance test.
 */
export interface Vault {
  /** `sealed` survives a restart, `memory` does not. */
  readonly kind: 'sealed' | 'memory'

  /** Records that could not be opened at start. They are in no list and never written to. */
  readonly broken: readonly BrokenRecord[]

  /** How many records are newer in memory than in storage, because a write failed. */
  readonly unsaved: number

  /** All grants, without secrets, in the order of their creation. */
  list(): readonly Grant[]

  /** One grant without secrets, by its id. */
  get(id: string): Grant | undefined

  /**
   * Decrypts one record. The caller wipes it after use.
   *
   * @throws GrantdError `unknown_grant`
   */
  open(id: string): GrantRecord

  /**
   * Seals a new record, and keeps nothing of the secrets that were handed in.
   *
   * @throws GrantdError `vault_locked` when it cannot be written: then there is no
   *   such record, in memory neither
   */
  add(record: GrantRecord): Promise<void>

  /**
   * Reads, changes and seals one record. `change` is pure and gets the record as
   * it is when its turn comes, so that it can see what happened meanwhile; it may
   * throw to leave everything as it was. The record it gets is wiped as soon as the
   * result is sealed: whoever keeps a secret of it keeps nothing.
   *
   * When the write fails the changed record still counts, in memory, unsaved: the
   * next change begins with it, and one write saves both.
   *
   * @returns The grant as it now is.
   * @throws GrantdError `unknown_grant`, `vault_locked` when it cannot be written
   */
  change(id: string, change: (record: GrantRecord) => GrantRecord): Promise<Grant>

  /** Forgets a record for good; nothing happens when it is not there. */
  remove(id: string): Promise<void>

  /**
   * Writes what an earlier failure left unsaved; nothing happens when all is saved.
   *
   * @throws GrantdError `vault_locked` when it still cannot be written
   */
  flush(): Promise<void>

  /**
   * Waits for writes under way, writes what is unsaved, and wipes what is in memory.
   *
   * @throws GrantdError `vault_locked` when an unsaved record is lost with this
   */
  close(): Promise<void>
}
