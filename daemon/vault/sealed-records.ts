import { GrantdError } from '@grantd/client/protocol'
import type { Grant } from '../grant/grant.ts'
import { type GrantRecord, wipeRecord } from '../grant/grant-record.ts'
import type { BrokenRecord } from './broken-record-error.ts'
import { encodePin } from './pin.ts'
import { decodeRecord, encodeRecord } from './record.ts'
import { recordFile } from './record-name.ts'
import { encodeRekeyFile } from './rekey-file.ts'
import { headerOf, readHeader, type SealHeader, seal, unseal } from './seal.ts'
import type { Provider, SealingKey } from './sealing-key.ts'
import { Turns } from './turns.ts'
import { unwritten } from './unwritten.ts'
import type { Vault } from './vault.ts'

/** Where sealed bytes go; both resolve once it is durable. */
export interface RecordStorage {
  write(id: string, sealed: Uint8Array): Promise<void>
  remove(id: string): Promise<void>
}

/** What was found on disk at start. */
export interface FoundRecord {
  readonly grant: Grant
  readonly sealed: Buffer
}

/** What a vault is made of. */
export interface SealedRecordsOptions {
  readonly kind: Vault['kind']
  /** Taken over, wiped by `close`. */
  readonly key: SealingKey
  /** The key before it, while a rekey is unfinished; taken over too. */
  readonly former?: SealingKey | undefined
  readonly storage: RecordStorage
  readonly found: readonly FoundRecord[]
  readonly broken: readonly BrokenRecord[]
}

interface Entry {
  readonly grant: Grant
  readonly sealed: Buffer
  /** False while the storage holds an older state: its write failed. */
  readonly isSaved: boolean
}

/**
 * The vault itself, whatever it is stored in. In memory, too, a record is sealed
 * bytes: it is clear text for the length of one call only.
 */
export class SealedRecords implements Vault {
  readonly kind: Vault['kind']
  readonly broken: readonly BrokenRecord[]
  #key: SealingKey
  #former: SealingKey | undefined
  readonly #storage: RecordStorage
  readonly #entries = new Map<string, Entry>()
  readonly #turns = new Turns()
  #listed: readonly Grant[] | undefined
  #isClosed = false

  constructor({ kind, key, former, storage, found, broken }: SealedRecordsOptions) {
    this.kind = kind
    this.broken = broken
    this.#key = key
    this.#former = former
    this.#storage = storage
    for (const { grant, sealed } of found) this.#publish({ grant, sealed, isSaved: true })
  }

  get unsaved(): number {
    return [...this.#entries.values()].filter(({ isSaved }) => !isSaved).length
  }

  /** Who keeps the key that records are written with. */
  get provider(): Provider {
    return this.#key.provider
  }

  /** Id of that key, hexadecimal. */
  get keyId(): string {
    return this.#key.id.toString('hex')
  }

  /** The key before, while records may lie under both. */
  get former(): SealHeader | undefined {
    return this.#former && headerOf(this.#former)
  }

  /** True while records may lie under two keys. */
  get isRekeying(): boolean {
    return this.#former !== undefined
  }

  list(): readonly Grant[] {
    // Asked for on every request, changed rarely.
    this.#listed ??= [...this.#entries.values()]
      .map(({ grant }) => grant)
      .sort((a, b) => a.createdAt - b.createdAt)
    return this.#listed
  }

  get(id: string): Grant | undefined {
    return this.#entries.get(id)?.grant
  }

  open(id: string): GrantRecord {
    this.#refuseWhenClosed()
    return this.#decrypt(this.#entry(id))
  }

  async add(record: GrantRecord): Promise<void> {
    this.#refuseWhenClosed()
    // Sealed before anything waits: from here on the caller may wipe its copy.
    const entry = this.#encrypt(record)
    const { id } = record.grant
    await this.#turns.take(id, async () => {
      this.#refuseWhenTaken(id)
      await this.#write(entry)
      this.#publish({ ...entry, isSaved: true })
    })
  }

  async change(id: string, change: (record: GrantRecord) => GrantRecord): Promise<Grant> {
    this.#refuseWhenClosed()
    return await this.#turns.take(id, async () => {
      const changed = await this.#changedOrSaved(this.#entry(id), change)
      try {
        await this.#write(changed)
      } catch (error) {
        // It may hold a successor that exists nowhere else, while its predecessor
        // is spent: from now on this is the record, saved or not.
        this.#publish(changed)
        throw error
      }
      this.#publish({ ...changed, isSaved: true })
      return changed.grant
    })
  }

  async remove(id: string): Promise<void> {
    this.#refuseWhenClosed()
    await this.#turns.take(id, async () => {
      if (!this.#entries.has(id)) return
      await this.#storage.remove(id).catch(unwritten)
      this.#entries.delete(id)
      this.#listed = undefined
    })
  }

  async flush(): Promise<void> {
    const ids = [...this.#entries.keys()]
    await Promise.all(ids.map((id) => this.#turns.take(id, () => this.#save(id))))
  }

  /** What pins the key that records are written with. */
  pin(): Buffer {
    this.#refuseWhenClosed()
    return encodePin(this.#key)
  }

  /** What makes this key and `to` open each other. */
  rekeyFile(to: SealingKey): Buffer {
    this.#refuseWhenClosed()
    return encodeRekeyFile(this.#key, to)
  }

  /**
   * From now on everything is written with another key; what lies under the one before
   * is opened with that one, until {@link endRekey}.
   *
   * @param key Taken over.
   */
  beginRekey(key: SealingKey): void {
    this.#refuseWhenClosed()
    if (this.#former !== undefined) throw new TypeError('a rekey is under way')
    this.#former = this.#key
    this.#key = key
  }

  /**
   * Seals anew, one after the other, what lies under the key before; changes go on between.
   *
   * @throws GrantdError `vault_locked` when a record cannot be written
   */
  async reseal(): Promise<void> {
    // A grant on its way in was sealed before its turn: it has to be there to be seen.
    await this.#turns.allEnded()
    for (const id of this.#entries.keys()) await this.#turns.take(id, () => this.#resealOne(id))
  }

  /** Wipes the key before. For when {@link reseal} is done, and nobody needs it any more. */
  endRekey(): void {
    this.#former?.wipe()
    this.#former = undefined
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#turns.allEnded()
    try {
      await this.flush()
    } finally {
      this.#key.wipe()
      this.#former?.wipe()
      this.#entries.clear()
      this.#listed = undefined
    }
  }

  async #save(id: string): Promise<void> {
    const entry = this.#entries.get(id)
    if (entry === undefined || entry.isSaved) return
    await this.#write(entry)
    this.#publish({ ...entry, isSaved: true })
  }

  async #resealOne(id: string): Promise<void> {
    this.#refuseWhenClosed()
    const entry = this.#entries.get(id)
    if (entry === undefined || this.#keyOf(entry) === this.#key) return await this.#save(id)
    const clearText = unseal(this.#keyOf(entry), id, entry.sealed)
    try {
      this.#publish({ ...entry, sealed: seal(this.#key, id, clearText), isSaved: false })
    } finally {
      clearText.fill(0)
    }
    await this.#save(id)
  }

  /** The key an entry lies under; a wrong guess would be seen when it is opened. */
  #keyOf({ grant, sealed }: Entry): SealingKey {
    if (this.#former === undefined) return this.#key
    const { keyId } = readHeader(recordFile(grant.id), sealed)
    return keyId.equals(this.#former.id) ? this.#former : this.#key
  }

  async #write({ grant, sealed }: Entry): Promise<void> {
    await this.#storage.write(grant.id, sealed).catch(unwritten)
  }

  #publish(entry: Entry): void {
    this.#entries.set(entry.grant.id, entry)
    this.#listed = undefined
  }

  /** A change that throws changes nothing, but what is unsaved is as urgent as before. */
  async #changedOrSaved(
    entry: Entry,
    change: (record: GrantRecord) => GrantRecord,
  ): Promise<Entry> {
    try {
      return this.#changed(entry, change)
    } catch (error) {
      await this.#save(entry.grant.id).catch(() => undefined) // the first error counts
      throw error
    }
  }

  /** The record that was opened here is wiped; secrets that `change` brought stay its own. */
  #changed(entry: Entry, change: (record: GrantRecord) => GrantRecord): Entry {
    const before = this.#decrypt(entry)
    try {
      const after = change(before)
      if (after.grant.id !== entry.grant.id) throw new TypeError('the id of a grant never changes')
      return this.#encrypt(after)
    } finally {
      wipeRecord(before)
    }
  }

  #encrypt(record: GrantRecord): Entry {
    const { id } = record.grant
    // Refuses, in memory too, what could not be the name of a file.
    recordFile(id)
    const clearText = encodeRecord(record)
    try {
      const sealed = seal(this.#key, id, clearText)
      return { grant: structuredClone(record.grant), sealed, isSaved: false }
    } finally {
      clearText.fill(0)
    }
  }

  #decrypt(entry: Entry): GrantRecord {
    const { grant, sealed } = entry
    const clearText = unseal(this.#keyOf(entry), grant.id, sealed)
    try {
      return decodeRecord(grant.id, clearText)
    } finally {
      clearText.fill(0)
    }
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id)
    if (entry === undefined) throw new GrantdError('unknown_grant', 'no such grant')
    return entry
  }

  #refuseWhenTaken(id: string): void {
    const isBroken = this.broken.some(({ file }) => file === recordFile(id))
    if (this.#entries.has(id) || isBroken) throw new TypeError(`there is a record "${id}" already`)
  }

  #refuseWhenClosed(): void {
    if (this.#isClosed) throw new GrantdError('vault_locked', 'the vault is closed')
  }
}
