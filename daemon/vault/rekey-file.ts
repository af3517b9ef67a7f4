import { unlessBroken } from './broken-record-error.ts'
import { encodeHeader, headerOf, readHeader, type SealHeader, seal, unseal } from './seal.ts'
import { checksumOf, SealingKey, TAG_BYTES } from './sealing-key.ts'

const FILE = 'rekey'
const LENGTH_BYTES = 4

/** Two keys of which either opens the other: what lies on disk while records are under both. */
export interface RekeyFile {
  /** The key that is on its way out. */
  readonly from: SealHeader
  /** The key that takes its place. */
  readonly to: SealHeader
  /**
   * @param key One of the two.
   * @throws BrokenRecordError when it is not, or somebody changed the file
   */
  other(key: SealingKey, machineIdentity: string): SealingKey
}

/**
 * `u32 length | new key sealed under the old | old key sealed under the new | checksum`.
 * Each half is bound to the header of the other, so that the keeper it names is the one
 * that was meant.
 */
export function encodeRekeyFile(from: SealingKey, to: SealingKey): Buffer {
  const first = to.lend((bytes) => seal(from, boundTo(headerOf(to)), bytes))
  const second = from.lend((bytes) => seal(to, boundTo(headerOf(from)), bytes))
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(first.length)
  const all = Buffer.concat([length, first, second])
  return Buffer.concat([all, checksumOf(all)])
}

/** What such a file says, not yet authenticated; `damaged` for all that is none. */
export function readRekeyFile(bytes: Buffer): RekeyFile | 'damaged' {
  const all = bytes.subarray(0, -TAG_BYTES)
  if (all.length < LENGTH_BYTES || !checksumOf(all).equals(bytes.subarray(-TAG_BYTES)))
    return 'damaged'
  const firstEnd = LENGTH_BYTES + all.readUInt32BE(0)
  const first = all.subarray(LENGTH_BYTES, firstEnd)
  const second = all.subarray(firstEnd)
  return unlessBroken(() => {
    const from = readHeader(FILE, first)
    const to = readHeader(FILE, second)
    return {
      from,
      to,
      other: (key, machineIdentity) =>
        key.id.equals(to.keyId)
          ? unwrap(key, from, second, machineIdentity)
          : unwrap(key, to, first, machineIdentity),
    }
  }, 'damaged')
}

function unwrap(
  key: SealingKey,
  wanted: SealHeader,
  sealed: Buffer,
  machineIdentity: string,
): SealingKey {
  const bytes = unseal(key, boundTo(wanted), sealed, FILE)
  return new SealingKey(wanted.provider, bytes, machineIdentity, wanted.parameters)
}

/** No grant has such an id. */
function boundTo(header: SealHeader): string {
  return `/rekey/${encodeHeader(header).toString('hex')}`
}
