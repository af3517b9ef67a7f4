import koffi from 'koffi'
import { SystemCallError } from './system-call-error.ts'

const library = koffi.load(process.platform === 'darwin' ? '/usr/lib/libSystem.B.dylib' : null)
const getsockopt = library.func(
  'int getsockopt(int fd, int level, int name, void *value, _Inout_ uint32_t *length)',
) as (fd: number, level: number, name: number, value: Buffer, length: [number]) => number
const getsockname = library.func(
  'int getsockname(int fd, void *address, _Inout_ uint32_t *length)',
) as (fd: number, address: Buffer, length: [number]) => number

/** SOL_SOCKET, SO_TYPE and SO_ACCEPTCONN of each system; those of macOS have not run there yet. */
const OPTIONS =
  process.platform === 'darwin'
    ? { level: 0xffff, type: 0x1008, accepts: 0x0002 }
    : { level: 1, type: 3, accepts: 30 }

const AF_UNIX = 1
const SOCK_STREAM = 1

/** The family, then the path; on macOS a length comes first, and both have two bytes. */
const PATH_OFFSET = 2
const MAX_ADDRESS_BYTES = 256

/**
 * Where a descriptor listens that somebody else has bound for us.
 *
 * @returns Its path; `undefined` for what is no Unix stream socket that listens at a path.
 * @throws SystemCallError for what is no socket
 */
export function listeningPath(fd: number): string | undefined {
  if (option(fd, OPTIONS.type) !== SOCK_STREAM || option(fd, OPTIONS.accepts) === 0)
    return undefined
  const address = Buffer.alloc(MAX_ADDRESS_BYTES)
  const length: [number] = [address.length]
  if (getsockname(fd, address, length) !== 0) throw failure('getsockname')
  const family = process.platform === 'darwin' ? address[1] : address.readUInt16LE(0)
  const bytes = address.subarray(PATH_OFFSET, length[0])
  const end = bytes.indexOf(0)
  const path = bytes.subarray(0, end < 0 ? bytes.length : end)
  return family === AF_UNIX && path.length > 0 ? path.toString() : undefined
}

function option(fd: number, name: number): number {
  const value = Buffer.alloc(4)
  if (getsockopt(fd, OPTIONS.level, name, value, [value.length]) !== 0) throw failure('getsockopt')
  return value.readInt32LE(0)
}

function failure(call: string): SystemCallError {
  return new SystemCallError(call, koffi.errno())
}
