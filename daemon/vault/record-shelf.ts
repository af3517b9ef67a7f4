import type { Grant } from '../grant/grant.ts'
import type { SealedRecord } from './sealed-record.ts'
import { unwritten } from './unwritten.ts'

/** Where sealed bytes go; both resolve once it is durable. */
export interface RecordStorage {
  write(id: string, sealed: Uint8Array): Promise<void>
  remove(id: string): Promise<void>
}

interface Entry {
  readonly record: SealedRecord
  /** False while the storage holds an older state: its write failed. */
  readonly isSaved: boolean
}

/**
 * Sealed records in memory, and which of them are newer than what their storage holds. What
 * is seen here is durable, or was refused by a disk and exists nowhere else. Whoever calls
 * lets changes to one record happen one after the other.
 */
export class RecordShelf {
  readonly #storage: RecordStorage
  readonly #entries = new Map<string, Entry>()
  #listed: readonly Grant[] | undefined

  /** @param found What the storage holds. */
  constructor(storage: RecordStorage, found: readonly SealedRecord[]) {
    this.#storage = storage
    for (const record of found) this.#publish({ record, isSaved: true })
  }

  /** How many records are newer in memory than in storage. */
  get unsaved(): number {
    return [...this.#entries.values()].filter(({ isSaved }) => !isSaved).length
  }

  /** Ids, as they are at each step: what comes meanwhile is seen, too. */
  ids(): Iterable<string> {
    return this.#entries.keys()
  }

  /** Grants in the order of their creation. */
  list(): readonly Grant[] {
    // Asked for on every request, changed rarely.
    this.#listed ??= [...this.#entries.values()]
      .map(({ record }) => record.grant)
      .sort((a, b) => a.createdAt - b.createdAt)
    return this.#listed
  }

  get(id: string): SealedRecord | undefined {
    return this.#entries.get(id)?.record
  }

  /**
   * Writes a new record.
   *
   * @throws GrantdError `vault_locked` when it cannot be written: then there is none
   */
  async add(record: SealedRecord): Promise<void> {
    await this.#write(record)
    this.#publish({ record, isSaved: true })
  }

  /**
   * Writes a later state of a record. One that cannot be written counts all the same, unsaved.
   *
   * @throws GrantdError `vault_locked` when it cannot be written
   */
  async replace(record: SealedRecord): Promise<void> {
    try {
      await this.#write(record)
    } catch (error) {
      // It may hold a successor that exists nowhere else, while its predecessor
      // is spent: from now on this is the record, saved or not.
      this.#publish({ record, isSaved: false })
      throw error
    }
    this.#publish({ record, isSaved: true })
  }

  /**
   * Writes what an earlier failure left unsaved; nothing happens when it is saved, or gone.
   *
   * @throws GrantdError `vault_locked` when it still cannot be written
   */
  async save(id: string): Promise<void> {
    const entry = this.#entries.get(id)
    if (entry === undefined || entry.isSaved) return
    await this.add(entry.record)
  }

  /**
   * Forgets a record for good; nothing happens when it is not there.
   *
   * @throws GrantdError `vault_locked` when it cannot be removed: then it stays
   */
  async remove(id: string): Promise<void> {
    if (!this.#entries.has(id)) return
    await this.#storage.remove(id).catch(unwritten)
    this.#entries.delete(id)
    this.#listed = undefined
  }

  /** Forgets everything in memory, saved or not. */
  clear(): void {
    this.#entries.clear()
    this.#listed = undefined
  }

  async #write({ grant, sealed }: SealedRecord): Promise<void> {
    await this.#storage.write(grant.id, sealed).catch(unwritten)
  }

  #publish(entry: Entry): void {
    this.#entries.set(entry.record.grant.id, entry)
    this.#listed = undefined
  }
}
