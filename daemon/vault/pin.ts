import { unlessBroken } from './broken-record-error.ts'
import { readHeader, type SealHeader, seal, unseal } from './seal.ts'
import { checksumOf, type SealingKey, TAG_BYTES } from './sealing-key.ts'

/** No grant has such an id. */
const PIN_ID = '/pin'

/** Named in errors, which nobody but this file sees. */
const FILE = 'sealing-key'

/**
 * The pin: says who keeps the key of this vault, before there is any record to say it,
 * and whatever the records say later. A sealed record about nothing, then a checksum,
 * so that a damaged pin is not taken for the pin of another key.
 */
export function encodePin(key: SealingKey): Buffer {
  const sealed = seal(key, PIN_ID, Buffer.from(FILE))
  return Buffer.concat([sealed, checksumOf(sealed)])
}

/** What a pin says, not yet authenticated; `damaged` for all that is none. */
export function readPin(bytes: Buffer): SealHeader | 'damaged' {
  const sealed = bytes.subarray(0, -TAG_BYTES)
  if (!checksumOf(sealed).equals(bytes.subarray(-TAG_BYTES))) return 'damaged'
  return unlessBroken(() => readHeader(FILE, sealed), 'damaged')
}

/** True when this key wrote it. */
export function isPinOf(key: SealingKey, bytes: Buffer): boolean {
  const sealed = bytes.subarray(0, -TAG_BYTES)
  return unlessBroken(() => unseal(key, PIN_ID, sealed, FILE).fill(0), undefined) !== undefined
}
