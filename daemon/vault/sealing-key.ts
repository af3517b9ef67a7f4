import { createHash, randomBytes } from 'node:crypto'
import { stillBytes } from '../base/still-bytes.ts'
import { lockMemory } from '../platform/libc.ts'
import { deriveKey } from './derive-key.ts'

/** Bytes of a sealing key, and of the record key derived from it: AES-256. */
export const SEALING_KEY_BYTES = 32

/** Bytes of a key id and of a machine tag. */
export const TAG_BYTES = 8

/** Who keeps the sealing key, with the number that stands in every record's header. */
export const PROVIDERS = {
  keychain: 1,
  kernel_keyring: 2,
  passphrase: 3,
  credential_file: 4,
  memory: 5,
} as const

/** Name of a keeper of sealing keys. */
export type Provider = keyof typeof PROVIDERS

/** Version of the derivation, not of the record: a change of either is a change of the magic. */
const RECORD_KEY_INFO = 'grantd record key 1'

/**
 * The one key all records of a vault are sealed with, bound to this machine. It
 * lies in a buffer that does not swap, the key derived from it in another, and neither is
 * ever seen as text.
 */
export class SealingKey {
  readonly provider: Provider
  /** What its keeper needs to find it again beside its id; stands in every header. */
  readonly parameters: Buffer
  /** First 8 bytes of a SHA-256 of the key: tells keys apart, opens nothing. */
  readonly id: Buffer
  /** First 8 bytes of a SHA-256 of the machine's identity. */
  readonly machineTag: Buffer
  readonly #bytes: Buffer
  /** Derived once: it is worth as much as the key, and is asked for at every write. */
  readonly #recordKey: Buffer
  #isWiped = false

  /**
   * @param bytes 32 of them; wiped here, the key keeps its own copy.
   * @param machineIdentity What no other machine has, see `machine-identity.ts`.
   * @param parameters Of the keeper; empty for those who keep the key itself.
   * @throws TypeError for any other length
   */
  constructor(
    provider: Provider,
    bytes: Uint8Array,
    machineIdentity: string,
    parameters: Buffer = Buffer.alloc(0),
  ) {
    if (bytes.length !== SEALING_KEY_BYTES) throw new TypeError('a sealing key has 32 bytes')
    this.provider = provider
    // A copy: what it was read from may be wiped, and shall not live on for it.
    this.parameters = Buffer.from(parameters)
    this.#bytes = locked(bytes)
    this.#recordKey = locked(deriveKey(this.#bytes, machineIdentity, RECORD_KEY_INFO))
    this.id = sealingKeyId(this.#bytes)
    this.machineTag = machineTagOf(machineIdentity)
  }

  /** A new key from the system's randomness. */
  static random(provider: Provider, machineIdentity: string): SealingKey {
    return new SealingKey(provider, randomBytes(SEALING_KEY_BYTES), machineIdentity)
  }

  /**
   * Lends the key that records are encrypted with; it is gone when this key is wiped.
   *
   * @throws TypeError once it is: under a key of zeros anybody could read what is sealed
   * @see RFC 5869: salt is the machine's identity
   */
  withRecordKey<T>(use: (recordKey: Buffer) => T): T {
    if (this.#isWiped) throw new TypeError('the sealing key is wiped')
    return use(this.#recordKey)
  }

  /** Lends the key itself, for its keeper alone; it is gone when this key is wiped. */
  lend<T>(use: (bytes: Buffer) => T): T {
    return use(this.#bytes)
  }

  /** After this nothing can be sealed or opened any more that counts. */
  wipe(): void {
    this.#isWiped = true
    this.#bytes.fill(0)
    this.#recordKey.fill(0)
  }
}

/**
 * Moves bytes to where they do not swap. Where memory cannot be locked the copy still works;
 * only swap could see it.
 *
 * @param bytes Wiped.
 */
function locked(bytes: Uint8Array): Buffer {
  const copy = stillBytes(bytes.length)
  lockMemory(copy)
  copy.set(bytes)
  bytes.fill(0)
  return copy
}

/** First 8 bytes of a SHA-256 of a machine's identity: tells machines apart, names none. */
export function machineTagOf(machineIdentity: string): Buffer {
  return tagOf('grantd machine tag', Buffer.from(machineIdentity))
}

/** First 8 bytes of a SHA-256 of a file, to tell whether it is as it was written. */
export function checksumOf(bytes: Uint8Array): Buffer {
  return tagOf('grantd checksum', bytes)
}

/** First 8 bytes of a SHA-256 of a sealing key: enough to tell whether it is the one. */
export function sealingKeyId(bytes: Uint8Array): Buffer {
  return tagOf('grantd key id', bytes)
}

/** @param domain Keeps this hash from ever being one that was made for another purpose. */
function tagOf(domain: string, bytes: Uint8Array): Buffer {
  return createHash('sha256').update(`${domain}\0`).update(bytes).digest().subarray(0, TAG_BYTES)
}
