import { isUtf8 } from 'node:buffer'
import {
  brotliDecompressSync,
  constants,
  inflateRawSync,
  inflateSync,
  unzipSync,
  type ZlibOptions,
} from 'node:zlib'

/** The body of an answer as its sender meant it. */
export interface DecodedBody {
  /** The caller's to wipe. */
  readonly body: Buffer
  /** False when a part may be missing, or cannot be read. */
  readonly isWhole: boolean
}

type Decoder = (bytes: Buffer, maxOutputLength: number) => Buffer

/** A stream that breaks off gives what it has. */
const LENIENT: ZlibOptions = { finishFlush: constants.Z_SYNC_FLUSH }

const unzip: Decoder = (bytes, maxOutputLength) => unzipSync(bytes, { ...LENIENT, maxOutputLength })

/** RFC 9110 §8.4.1. */
const DECODERS: ReadonlyMap<string, Decoder> = new Map([
  ['gzip', unzip],
  ['x-gzip', unzip],
  ['deflate', inflate],
  [
    'br',
    (bytes, maxOutputLength) =>
      brotliDecompressSync(bytes, {
        maxOutputLength,
        finishFlush: constants.BROTLI_OPERATION_FLUSH,
      }),
  ],
])

/** Nobody compresses more than twice; a chain of thousands would only keep us busy. */
const MAX_CODINGS = 4

/**
 * Undoes compressions that nobody asked for. Where a header names something else, such as
 * a charset, or a compression that was not done, the bytes are taken as they are: they may
 * be an answer all the same, and an answer that is thrown away is a grant that is lost.
 *
 * @param raw Wiped, unless it is the result.
 * @param encoding `Content-Encoding`.
 * @param maxBytes Longest body.
 */
export function decodeBody(
  raw: Buffer,
  encoding: string | undefined,
  maxBytes: number,
): DecodedBody {
  const codings = (encoding ?? '').toLowerCase().split(',')
  let body = raw
  let isPlain = codings.length <= MAX_CODINGS
  for (const coding of codings.toReversed().slice(0, MAX_CODINGS)) {
    const decoder = DECODERS.get(coding.trim())
    const decoded = decoder && attempt(decoder, body, maxBytes)
    isPlain &&= decoded !== undefined || coding.trim() === '' || coding.trim() === 'identity'
    if (decoded === undefined) continue
    body.fill(0)
    body = decoded
  }
  return { body, isWhole: isPlain || isUtf8(body) }
}

function attempt(decoder: Decoder, bytes: Buffer, maxBytes: number): Buffer | undefined {
  try {
    return decoder(bytes, maxBytes)
  } catch {
    // it is something else, or more than we take
    return undefined
  }
}

/**
 * Some servers leave out the zlib wrapper that the standard asks for. Without it a text may
 * look like a stream.
 */
function inflate(bytes: Buffer, maxOutputLength: number): Buffer {
  const options = { ...LENIENT, maxOutputLength }
  try {
    return inflateSync(bytes, options)
  } catch (error) {
    if (isUtf8(bytes)) throw error
    return inflateRawSync(bytes, options)
  }
}
