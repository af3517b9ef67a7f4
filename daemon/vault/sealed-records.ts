import { GrantdError } from '@grantd/client/protocol'
import type { Grant } from '../grant/grant.ts'
import { type GrantRecord, wipeRecord } from '../grant/grant-record.ts'
import type { BrokenRecord } from './broken-record-error.ts'
import { errorCode } from './error-code.ts'
import { decodeRecord, encodeRecord } from './record.ts'
import { recordFile } from './record-name.ts'
import { seal, unseal } from './seal.ts'
import type { SealingKey } from './sealing-key.ts'
import { Turns } from './turns.ts'
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
  readonly #key: SealingKey
  readonly #storage: RecordStorage
  readonly #entries = new Map<string, Entry>()
  readonly #turns = new Turns()
  #listed: readonly Grant[] | undefined
  #isClosed = false

  constructor({ kind, key, storage, found, broken }: SealedRecordsOptions) {
    this.kind = kind
    this.broken = broken
    this.#key = key
    this.#storage = storage
    for (const { grant, sealed } of found) this.#publish({ grant, sealed, isSaved: true })
  }

  get unsaved(): number {
    return [...this.#entries.values()].filter(({ isSaved }) => !isSaved).length
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
      await this.#storage.remove(id).catch(refuse)
      this.#entries.delete(id)
      this.#listed = undefined
    })
  }

  async flush(): Promise<void> {
    const ids = [...this.#entries.keys()]
    await Promise.all(ids.map((id) => this.#turns.take(id, () => this.#save(id))))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#turns.allEnded()
    try {
      await this.flush()
    } finally {
      this.#key.wipe()
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

  async #write({ grant, sealed }: Entry): Promise<void> {
    await this.#storage.write(grant.id, sealed).catch(refuse)
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

  #decrypt({ grant, sealed }: Entry): GrantRecord {
    const clearText = unseal(this.#key, grant.id, sealed)
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

function refuse(error: unknown): never {
  throw new GrantdError('vault_locked', `the vault cannot be written: ${errorCode(error)}`, {
    hint: 'make room on the disk of the state directory, and let us write to it',
  })
}
