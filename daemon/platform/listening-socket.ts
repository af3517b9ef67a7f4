import { library, succeeded } from './library.ts'

const getsockopt = library.func(
  'int getsockopt(int fd, int level, int name, void *value, _Inout_ uint32_t *length)',
) as (fd: number, level: number, name: number, value: Buffer, length: [number]) => number
const getsockname = library.func(
  'int getsockname(int fd, void *address, _Inout_ uint32_t *length)',
) as (fd: number, address: Buffer, length: [number]) => number

/** SOL_SOCKET, SO_TYPE and SO_ACCEPTCONN of Linux: launchd asks no such question of us. */
const OPTIONS = { level: 1, type: 3, accepts: 30 }

const AF_UNIX = 1
const SOCK_STREAM = 1

/** The family comes first. */
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
  succeeded('getsockname', getsockname(fd, address, length))
  // an abstract name begins with the NUL that ends a path
  const [path = ''] = address.toString('utf8', PATH_OFFSET, length[0]).split('\0', 1)
  return address.readUInt16LE(0) === AF_UNIX && path !== '' ? path : undefined
}

function option(fd: number, name: number): number {
  const value = Buffer.alloc(4)
  succeeded('getsockopt', getsockopt(fd, OPTIONS.level, name, value, [value.length]))
  return value.readInt32LE(0)
}
