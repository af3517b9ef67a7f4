import { GrantdError } from '@grantd/client/protocol'
import type { Grant } from '../grant/grant.ts'
import type { GrantRecord } from '../grant/grant-record.ts'
import type { BrokenRecord } from './broken-record-error.ts'
import { RecordKeys } from './record-keys.ts'
import { recordFile } from './record-name.ts'
import { RecordShelf, type RecordStorage } from './record-shelf.ts'
import type { SealHeader } from './seal.ts'
import {
  changeRecord,
  resealRecord,
  type SealedRecord,
  sealRecord,
  unsealRecord,
} from './sealed-record.ts'
import type { Provider, SealingKey } from './sealing-key.ts'
import { Turns } from './turns.ts'
import type { Vault } from './vault.ts'

/** What a vault is made of. */
export interface SealedRecordsOptions {
  readonly kind: Vault['kind']
  /** Taken over, wiped by `close`. */
  readonly key: SealingKey
  /** The key before it, while a rekey is unfinished; taken over too. */
  readonly former?: SealingKey | undefined
  readonly storage: RecordStorage
  /** What was found on disk at start. */
  readonly found: readonly SealedRecord[]
  readonly broken: readonly BrokenRecord[]
}

/**
 * The vault itself, whatever it is stored in. In memory, too, a record is sealed
 * bytes: it is clear text for the length of one call only.
 */
export class SealedRecords implements Vault {
  readonly kind: Vault['kind']
  readonly broken: readonly BrokenRecord[]
  readonly #keys: RecordKeys
  readonly #shelf: RecordShelf
  readonly #turns = new Turns()
  #isClosed = false

  constructor({ kind, key, former, storage, found, broken }: SealedRecordsOptions) {
    this.kind = kind
    this.broken = broken
    this.#keys = new RecordKeys(key, former)
    this.#shelf = new RecordShelf(storage, found)
  }

  get unsaved(): number {
    return this.#shelf.unsaved
  }

  /** Who keeps the key that records are written with. */
  get provider(): Provider {
    return this.#keys.provider
  }

  /** Id of that key, hexadecimal. */
  get keyId(): string {
    return this.#keys.keyId
  }

  /** The key before, while records may lie under both. */
  get former(): SealHeader | undefined {
    return this.#keys.former
  }

  /** True while records may lie under two keys. */
  get isRekeying(): boolean {
    return this.#keys.former !== undefined
  }

  list(): readonly Grant[] {
    return this.#shelf.list()
  }

  get(id: string): Grant | undefined {
    return this.#shelf.get(id)?.grant
  }

  open(id: string): GrantRecord {
    this.#refuseWhenClosed()
    return unsealRecord(this.#keys, id, this.#record(id).sealed)
  }

  async add(record: GrantRecord): Promise<void> {
    this.#refuseWhenClosed()
    // Sealed before anything waits: from here on the caller may wipe its copy.
    const sealed = sealRecord(this.#keys, record)
    const { id } = record.grant
    await this.#turns.take(id, async () => {
      this.#refuseWhenTaken(id)
      await this.#shelf.add(sealed)
    })
  }

  async change(id: string, change: (record: GrantRecord) => GrantRecord): Promise<Grant> {
    this.#refuseWhenClosed()
    return await this.#turns.take(id, async () => {
      const changed = await this.#changedOrSaved(this.#record(id), change)
      await this.#shelf.replace(changed)
      return changed.grant
    })
  }

  async remove(id: string): Promise<void> {
    this.#refuseWhenClosed()
    await this.#turns.take(id, () => this.#shelf.remove(id))
  }

  async flush(): Promise<void> {
    const ids = [...this.#shelf.ids()]
    await Promise.all(ids.map((id) => this.#turns.take(id, () => this.#shelf.save(id))))
  }

  /** What pins the key that records are written with. */
  pin(): Buffer {
    this.#refuseWhenClosed()
    return this.#keys.pin()
  }

  /** What makes this key and `to` open each other. */
  rekeyFile(to: SealingKey): Buffer {
    this.#refuseWhenClosed()
    return this.#keys.rekeyFile(to)
  }

  /**
   * From now on everything is written with another key; what lies under the one before
   * is opened with that one, until {@link endRekey}.
   *
   * @param key Taken over.
   */
  beginRekey(key: SealingKey): void {
    this.#refuseWhenClosed()
    this.#keys.begin(key)
  }

  /**
   * Seals anew, one after the other, what lies under the key before; changes go on between.
   *
   * @throws GrantdError `vault_locked` when a record cannot be written
   */
  async reseal(): Promise<void> {
    // A grant on its way in was sealed before its turn: it has to be there to be seen.
    await this.#turns.allEnded()
    for (const id of this.#shelf.ids()) await this.#turns.take(id, () => this.#resealOne(id))
  }

  /** Wipes the key before. For when {@link reseal} is done, and nobody needs it any more. */
  endRekey(): void {
    this.#keys.end()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#turns.allEnded()
    try {
      await this.flush()
    } finally {
      this.#keys.wipe()
      this.#shelf.clear()
    }
  }

  async #resealOne(id: string): Promise<void> {
    this.#refuseWhenClosed()
    const record = this.#shelf.get(id)
    if (record !== undefined && this.#keys.isUnderFormer(id, record.sealed))
      await this.#shelf.replace(resealRecord(this.#keys, record))
    else await this.#shelf.save(id)
  }

  /** A change that throws changes nothing, but what is unsaved is as urgent as before. */
  async #changedOrSaved(
    record: SealedRecord,
    change: (record: GrantRecord) => GrantRecord,
  ): Promise<SealedRecord> {
    try {
      return changeRecord(this.#keys, record, change)
    } catch (error) {
      await this.#shelf.save(record.grant.id).catch(() => undefined) // the first error counts
      throw error
    }
  }

  #record(id: string): SealedRecord {
    const record = this.#shelf.get(id)
    if (record === undefined) throw new GrantdError('unknown_grant', 'no such grant')
    return record
  }

  #refuseWhenTaken(id: string): void {
    const isBroken = this.broken.some(({ file }) => file === recordFile(id))
    if (this.#shelf.get(id) !== undefined || isBroken)
      throw new TypeError(`there is a record "${id}" already`)
  }

  #refuseWhenClosed(): void {
    if (this.#isClosed) throw new GrantdError('vault_locked', 'the vault is closed')
  }
}
