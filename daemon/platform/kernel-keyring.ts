import { constants } from 'node:os'
import koffi from 'koffi'
import { SystemCallError } from './system-call-error.ts'

/** Secrets that the kernel holds for one uid until the next reboot. */
export interface KernelKeyring {
  /**
   * Keeps bytes under a description, in the place of what was there.
   *
   * @throws SystemCallError
   */
  put(description: string, secret: Uint8Array): void
  /**
   * @returns A copy the caller wipes; undefined when nothing is there.
   * @throws SystemCallError
   */
  get(description: string): Buffer | undefined
  /**
   * @returns False when nothing was there.
   * @throws SystemCallError
   */
  remove(description: string): boolean
}

/** Numbers of add_key(2) and keyctl(2); every other architecture counts as one without them. */
const NUMBERS: Readonly<Record<string, { readonly addKey: number; readonly keyctl: number }>> = {
  x64: { addKey: 248, keyctl: 250 },
  arm64: { addKey: 217, keyctl: 219 },
  riscv64: { addKey: 217, keyctl: 219 },
}

const USER_KEYRING = -4
const PROCESS_KEYRING = -2
const LINK = 8
const SEARCH = 10
const READ = 11
const SETPERM = 5
const INVALIDATE = 21

/** Everything for whoever possesses the key; for others of the same uid only that it is there. */
const OURS_ALONE = 0x3f010000

/** Nothing under that description: never kept, expired, or revoked. `node:os` does not have them. */
const ENOKEY = 126
const EKEYEXPIRED = 127
const EKEYREVOKED = 128

/** Longest secret that is read; a sealing key has 32 bytes. */
const MAX_SECRET_BYTES = 64

type AddKey = (
  number: number,
  type: string,
  description: string,
  payload: Uint8Array,
  length: number,
  keyring: number,
) => number
type Control = (number: number, operation: number, a: number, b: number, c: number) => number
type Search = (
  number: number,
  operation: number,
  keyring: number,
  type: string,
  description: string,
  destination: number,
) => number
type Read = (number: number, operation: number, key: number, to: Buffer, size: number) => number

/**
 * The user keyring of this kernel, through syscall(2): the C library has no wrapper.
 * Where there is none, or where it is refused as in many containers, every call throws.
 *
 * @param platform As `process.platform`.
 * @param architecture As `process.arch`.
 * @see keyrings(7), user-keyring(7)
 */
export function kernelKeyring(platform: string, architecture: string): KernelKeyring {
  const numbers = platform === 'linux' ? NUMBERS[architecture] : undefined
  if (numbers === undefined) return NO_KEYRING
  // A wrong prototype corrupts memory without a word: a test makes each call.
  const library = koffi.load(null)
  const addKey = library.func(
    'long syscall(long number, const char *type, const char *description, void *payload, size_t length, long keyring)',
  ) as AddKey
  const control = library.func(
    'long syscall(long number, long operation, long a, long b, long c)',
  ) as Control
  const search = library.func(
    'long syscall(long number, long operation, long keyring, const char *type, const char *description, long destination)',
  ) as Search
  const read = library.func(
    'long syscall(long number, long operation, long key, void *to, size_t size)',
  ) as Read

  /** Without this link a process outside the login session may find a key but not read it. */
  const possess = (): void => {
    check('keyctl link', control(numbers.keyctl, LINK, USER_KEYRING, PROCESS_KEYRING, 0))
  }
  const find = (description: string): number | undefined => {
    possess()
    const key = search(numbers.keyctl, SEARCH, USER_KEYRING, 'user', description, 0)
    if (key >= 0) return key
    if ([ENOKEY, EKEYEXPIRED, EKEYREVOKED].includes(koffi.errno())) return undefined
    throw new SystemCallError('keyctl search', koffi.errno())
  }
  return {
    put(description, secret) {
      possess()
      const key = check(
        'add_key',
        addKey(numbers.addKey, 'user', description, secret, secret.byteLength, USER_KEYRING),
      )
      check('keyctl setperm', control(numbers.keyctl, SETPERM, key, OURS_ALONE, 0))
    },
    get(description) {
      const key = find(description)
      if (key === undefined) return undefined
      const secret = Buffer.alloc(MAX_SECRET_BYTES)
      const length = check('keyctl read', read(numbers.keyctl, READ, key, secret, MAX_SECRET_BYTES))
      // The kernel tells the whole length, whatever fitted.
      if (length <= MAX_SECRET_BYTES) return secret.subarray(0, length)
      secret.fill(0)
      throw new SystemCallError('keyctl read', constants.errno.EMSGSIZE)
    },
    remove(description) {
      const key = find(description)
      if (key === undefined) return false
      check('keyctl invalidate', control(numbers.keyctl, INVALIDATE, key, 0, 0))
      return true
    },
  }
}

function refuse(): never {
  throw new SystemCallError('keyctl', constants.errno.ENOSYS)
}

const NO_KEYRING: KernelKeyring = { put: refuse, get: refuse, remove: refuse }

/** Serial numbers and lengths are never negative. */
function check(call: string, result: number): number {
  if (result < 0) throw new SystemCallError(call, koffi.errno())
  return result
}
