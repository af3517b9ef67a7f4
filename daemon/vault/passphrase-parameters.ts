/** How a key is derived from a passphrase: scrypt, RFC 7914. */
export interface ScryptParameters {
  /** Binary logarithm of N. */
  readonly logN: number
  readonly r: number
  readonly p: number
  readonly salt: Buffer
}

/** What new keys are derived with: 128 MiB and a quarter of a second. */
export const NEW_KEYS = { logN: 17, r: 8, p: 1 } as const

/** Bytes of a salt. */
export const SALT_BYTES = 16

const VERSION = 1
const BYTES = 4 + SALT_BYTES

/** Less would be no protection; more, 256 MiB and above, no machine of a user should have to give. */
const MIN_LOG_N = 15
const MAX_LOG_N = 18

/** `u8 version | u8 log2 N | u8 r | u8 p | salt 16`. */
export function encodeParameters({ logN, r, p, salt }: ScryptParameters): Buffer {
  return Buffer.concat([Buffer.from([VERSION, logN, r, p]), salt])
}

/**
 * Reads the parameters of a header, which anybody may have written who can write to the
 * disk: what would take more memory than a header may ask for is none.
 */
export function decodeParameters(bytes: Buffer): ScryptParameters | undefined {
  if (bytes.length !== BYTES || bytes.readUInt8(0) !== VERSION) return undefined
  const logN = bytes.readUInt8(1)
  const r = bytes.readUInt8(2)
  const p = bytes.readUInt8(3)
  if (logN < MIN_LOG_N || logN > MAX_LOG_N || r !== NEW_KEYS.r || p !== NEW_KEYS.p) return undefined
  return { logN, r, p, salt: bytes.subarray(4) }
}
