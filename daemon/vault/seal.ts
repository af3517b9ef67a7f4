import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { BrokenRecordError } from './broken-record-error.ts'
import { recordFile } from './record-name.ts'
import { PROVIDERS, type Provider, type SealingKey, TAG_BYTES } from './sealing-key.ts'

/*
 * magic "GRV1" 4 | provider u8 | zero u8 | parameter length u16 | parameters |
 * key id 8 | machine tag 8 | nonce 12 | tag 16 | ciphertext; big endian.
 *
 * Everything before the nonce, the format and the id of the grant are
 * authenticated with the ciphertext: no record passes for another one, and no
 * bit of it changes unseen. What is not seen is an old record put back whole.
 */
const MAGIC = Buffer.from('GRV1')
const FORMAT = 'grantd sealed record 1'
const CIPHER = 'aes-256-gcm'
const FIXED_BYTES = 8
const NONCE_BYTES = 12
const GCM_TAG_BYTES = 16

/** What a sealed record says about itself before anything is opened; not yet authenticated. */
export interface SealHeader {
  /** Who keeps the key: a record pins its keeper. */
  readonly provider: Provider
  /** What the keeper needs to make the key again; empty for a keychain. */
  readonly parameters: Buffer
  readonly keyId: Buffer
  readonly machineTag: Buffer
}

/**
 * Seals the clear text of one record under a nonce of its own. Random nonces of
 * 96 bits are safe for 2^32 writes under one key: a write a second for a century.
 *
 * @param id The grant the record is about; it opens under no other id. What is no
 *   record has an id that no grant can have.
 */
export function seal(key: SealingKey, id: string, clearText: Buffer): Buffer {
  const header = encodeHeader(headerOf(key))
  const nonce = randomBytes(NONCE_BYTES)
  return key.withRecordKey((recordKey) => {
    const cipher = createCipheriv(CIPHER, recordKey, nonce).setAAD(associated(header, id))
    const cipherText = Buffer.concat([cipher.update(clearText), cipher.final()])
    return Buffer.concat([header, nonce, cipher.getAuthTag(), cipherText])
  })
}

/**
 * Opens one record.
 *
 * @param file Named in errors. Default: the file of that grant's record.
 * @returns Clear text: the caller wipes it.
 * @throws BrokenRecordError `sealed with another key`, `sealed on another machine`,
 *   or that it is damaged
 */
export function unseal(
  key: SealingKey,
  id: string,
  sealed: Buffer,
  file: string = recordFile(id),
): Buffer {
  const header = readHeader(file, sealed)
  if (!header.keyId.equals(key.id)) throw new BrokenRecordError(file, 'sealed with another key')
  if (!header.machineTag.equals(key.machineTag))
    throw new BrokenRecordError(file, 'sealed on another machine')

  const nonceAt = FIXED_BYTES + header.parameters.length + 2 * TAG_BYTES
  const tagAt = nonceAt + NONCE_BYTES
  const cipherTextAt = tagAt + GCM_TAG_BYTES
  return key.withRecordKey((recordKey) => {
    const decipher = createDecipheriv(CIPHER, recordKey, sealed.subarray(nonceAt, tagAt), {
      authTagLength: GCM_TAG_BYTES,
    })
    decipher.setAAD(associated(sealed.subarray(0, nonceAt), id))
    decipher.setAuthTag(sealed.subarray(tagAt, cipherTextAt))
    const clearText = decipher.update(sealed.subarray(cipherTextAt))
    try {
      decipher.final()
    } catch {
      clearText.fill(0)
      throw new BrokenRecordError(file, 'damaged: a bit of it has changed')
    }
    return clearText
  })
}

/**
 * Reads the part of a sealed record that is in the clear.
 *
 * @param file Named in the error.
 * @throws BrokenRecordError when it is none, or of another version
 */
export function readHeader(file: string, sealed: Buffer): SealHeader {
  if (sealed.length < FIXED_BYTES || !sealed.subarray(0, MAGIC.length).equals(MAGIC))
    throw new BrokenRecordError(file, 'not a sealed record')
  const provider = providerOf(sealed.readUInt8(4))
  if (provider === undefined || sealed.readUInt8(5) !== 0)
    throw new BrokenRecordError(file, 'sealed by another version')
  const parametersEnd = FIXED_BYTES + sealed.readUInt16BE(6)
  const nonceAt = parametersEnd + 2 * TAG_BYTES
  if (sealed.length < nonceAt + NONCE_BYTES + GCM_TAG_BYTES)
    throw new BrokenRecordError(file, 'damaged: it is cut short')
  return {
    provider,
    parameters: sealed.subarray(FIXED_BYTES, parametersEnd),
    keyId: sealed.subarray(parametersEnd, parametersEnd + TAG_BYTES),
    machineTag: sealed.subarray(parametersEnd + TAG_BYTES, nonceAt),
  }
}

/** What stands in the clear before everything that is sealed with a key. */
export function encodeHeader(key: SealHeader): Buffer {
  const fixed = Buffer.alloc(FIXED_BYTES)
  MAGIC.copy(fixed)
  fixed.writeUInt8(PROVIDERS[key.provider], 4)
  fixed.writeUInt16BE(key.parameters.length, 6)
  return Buffer.concat([fixed, key.parameters, key.keyId, key.machineTag])
}

/** The header that a key writes. */
export function headerOf({ provider, parameters, id, machineTag }: SealingKey): SealHeader {
  return { provider, parameters, keyId: id, machineTag }
}

/** The header tells its own length and the format is fixed: no two pairs give the same bytes. */
function associated(header: Buffer, id: string): Buffer {
  return Buffer.concat([header, Buffer.from(`${FORMAT}\0${id}`)])
}

function providerOf(code: number): Provider | undefined {
  const names = Object.keys(PROVIDERS) as Provider[]
  return names.find((name) => PROVIDERS[name] === code)
}
