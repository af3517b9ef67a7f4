import { encodePin } from './pin.ts'
import { recordFile } from './record-name.ts'
import { encodeRekeyFile } from './rekey-file.ts'
import { headerOf, readHeader, type SealHeader, seal, unseal } from './seal.ts'
import type { Provider, SealingKey } from './sealing-key.ts'

/**
 * The key that records are sealed with and, while a rekey is unfinished, the one before it:
 * then records lie under both, and each is opened with its own.
 */
export class RecordKeys {
  #key: SealingKey
  #former: SealingKey | undefined

  /** Takes both over; `wipe` wipes them. */
  constructor(key: SealingKey, former: SealingKey | undefined) {
    this.#key = key
    this.#former = former
  }

  /** Who keeps the key that records are sealed with. */
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

  /** What pins the key that records are sealed with. */
  pin(): Buffer {
    return encodePin(this.#key)
  }

  /** What makes this key and `to` open each other. */
  rekeyFile(to: SealingKey): Buffer {
    return encodeRekeyFile(this.#key, to)
  }

  /**
   * @param id Of the grant.
   * @param clearText Still the caller's, to wipe.
   */
  seal(id: string, clearText: Buffer): Buffer {
    return seal(this.#key, id, clearText)
  }

  /**
   * @returns Clear text, the caller's to wipe.
   * @throws BrokenRecordError
   */
  unseal(id: string, sealed: Buffer): Buffer {
    const former = this.#formerOf(id, sealed)
    return unseal(former ?? this.#key, id, sealed)
  }

  /** True for what has still to be sealed anew. */
  isUnderFormer(id: string, sealed: Buffer): boolean {
    return this.#formerOf(id, sealed) !== undefined
  }

  /**
   * From now on everything is sealed with another key.
   *
   * @param key Taken over.
   */
  begin(key: SealingKey): void {
    if (this.#former !== undefined) throw new TypeError('a rekey is under way')
    this.#former = this.#key
    this.#key = key
  }

  /** Wipes the key before, which nobody needs any more. */
  end(): void {
    this.#former?.wipe()
    this.#former = undefined
  }

  /** After this nothing can be sealed or opened any more that counts. */
  wipe(): void {
    this.#key.wipe()
    this.#former?.wipe()
  }

  /** The key before, where a record lies under it; a wrong guess would be seen when it is opened. */
  #formerOf(id: string, sealed: Buffer): SealingKey | undefined {
    if (this.#former === undefined) return undefined
    const { keyId } = readHeader(recordFile(id), sealed)
    return keyId.equals(this.#former.id) ? this.#former : undefined
  }
}
