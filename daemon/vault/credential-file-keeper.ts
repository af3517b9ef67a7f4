import { constants, type Stats } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { stillBytes } from '../base/still-bytes.ts'
import { errorCode } from './error-code.ts'
import { type Keeper, NO_PARAMETERS, type Refusal } from './keeper.ts'
import { SEALING_KEY_BYTES, sealingKeyId } from './sealing-key.ts'

/** The key, and the one that `grantd vault rekey` takes when both are there. */
const NEW_FILE = 'grantd-sealing-key-new'
const FILES = ['grantd-sealing-key', NEW_FILE] as const

/** 64 digits and a newline. */
const MAX_FILE_BYTES = 2 * SEALING_KEY_BYTES + 1

const OPEN_TO_OTHERS = 0o077

/**
 * Where the file system can, a service manager leaves its credential root's and lets us read it by
 * an access list, of which the mode shows what root's own group seems to be let do.
 */
const ACCESS_LIST = 0o040

const ROOT = 0

/**
 * A key that the administrator hands in as a credential of the service. It is never made,
 * changed or removed here.
 *
 * @param directory `$CREDENTIALS_DIRECTORY`, undefined when there is none.
 * @param uid Our own effective uid.
 * @see systemd.exec(5), LoadCredential=
 */
export function credentialFileKeeper(directory: string | undefined, uid: number): Keeper {
  return {
    provider: 'credential_file',

    async make(other) {
      let refusal: Refusal | undefined
      for (const file of FILES.toReversed()) {
        const bytes = await readKey(directory, file, uid)
        if (Buffer.isBuffer(bytes)) {
          if (other === undefined || !sealingKeyId(bytes).equals(other))
            return { kind: 'made', bytes, parameters: NO_PARAMETERS }
          bytes.fill(0)
        }
        const answer = Buffer.isBuffer(bytes) ? NO_NEW_KEY : bytes
        // A file that is not there says less than one that is.
        if (refusal === undefined || refusal.kind === 'unavailable') refusal = answer
      }
      return refusal ?? NO_NEW_KEY
    },

    async find({ keyId }) {
      let refusal: Refusal | undefined
      for (const file of FILES) {
        const bytes = await readKey(directory, file, uid)
        if (Buffer.isBuffer(bytes)) {
          if (sealingKeyId(bytes).equals(keyId)) return { kind: 'found', bytes }
          bytes.fill(0)
        }
        const answer = Buffer.isBuffer(bytes) ? NOT_HANDED_IN : bytes
        if (refusal === undefined || refusal.kind === 'unavailable') refusal = answer
      }
      return refusal ?? NOT_HANDED_IN
    },

    async keep(keyId) {
      const found = await this.find({ keyId, parameters: NO_PARAMETERS })
      if (found.kind !== 'found') return found
      found.bytes.fill(0)
      return { kind: 'kept' }
    },

    /** The administrator's, not ours. */
    async forget() {
      return false
    },
  }
}

const NOT_HANDED_IN: Refusal = {
  kind: 'none',
  reason: 'the service credential that was handed in is another key than the vault needs',
  hint: `hand in the key of the vault as the credential "${FILES[0]}", and start again`,
}

const NO_NEW_KEY: Refusal = {
  kind: 'none',
  reason: 'the service credential that was handed in is the key the vault has already',
  hint: `hand in the new key as the credential "${NEW_FILE}", and start again`,
}

async function readKey(
  directory: string | undefined,
  file: string,
  uid: number,
): Promise<Buffer | Refusal> {
  if (directory === undefined)
    return absent('no credentials were handed in: there is no $CREDENTIALS_DIRECTORY')
  const path = join(directory, file)
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  try {
    // Not blocking: a pipe in its place must not hold us up.
    const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      const stats = await handle.stat()
      if (!stats.isFile()) return unfit(path, 'is not a file')
      if (stats.uid !== uid && stats.uid !== 0)
        return unfit(path, `belongs to uid ${String(stats.uid)}`)
      if (isOpenToOthers(stats, uid)) return unfit(path, 'is open to others')
      if (stats.size > MAX_FILE_BYTES) return unfit(path, 'is too long for a key')
      return parseKey(await handle.readFile()) ?? unfit(path, 'is not 32 bytes or 64 digits')
    } finally {
      await handle.close()
    }
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT') return absent(`there is no credential "${path}"`)
    return unfit(path, `cannot be read: ${code}`)
  }
}

function isOpenToOthers({ uid, gid, mode }: Stats, own: number): boolean {
  const isRoots = own !== ROOT && uid === ROOT && gid === ROOT
  return (mode & OPEN_TO_OTHERS & ~(isRoots ? ACCESS_LIST : 0)) !== 0
}

/** @param text Wiped here. */
function parseKey(text: Buffer): Buffer | undefined {
  const key = stillBytes(SEALING_KEY_BYTES)
  if (text.length === SEALING_KEY_BYTES) text.copy(key)
  else if (!isHex(text)) return wiped(text)
  else for (let at = 0; at < key.length; at += 1) key.writeUInt8(byteAt(text, at), at)
  text.fill(0)
  return key
}

function wiped(text: Buffer): undefined {
  text.fill(0)
}

/** 64 digits, with or without a newline. */
function isHex(text: Buffer): boolean {
  const digits = 2 * SEALING_KEY_BYTES
  if (text.length !== digits && !(text.length === digits + 1 && text.at(-1) === 0x0a)) return false
  return text.subarray(0, digits).every((digit) => digitOf(digit) !== undefined)
}

function byteAt(text: Buffer, at: number): number {
  return 16 * (digitOf(text[2 * at]) ?? 0) + (digitOf(text[2 * at + 1]) ?? 0)
}

/** By hand, because a string of the key could not be wiped. */
function digitOf(code: number | undefined): number | undefined {
  if (code === undefined) return undefined
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : undefined
}

function absent(reason: string): Refusal {
  const hint = `hand in the key as the credential "${FILES[0]}" of the service, and start again`
  return { kind: 'unavailable', reason, hint }
}

function unfit(path: string, what: string): Refusal {
  const reason = `the credential "${path}" ${what}`
  return { kind: 'silent', reason, hint: 'it has to be a file of 32 bytes that is yours alone' }
}
