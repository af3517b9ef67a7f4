import { library, succeeded } from './library.ts'

const getsockopt = library.func(
  'int getsockopt(int fd, int level, int name, void *value, _Inout_ uint32_t *length)',
) as (fd: number, level: number, name: number, value: Buffer, length: [number]) => number
const getsockname = library.func(
  'int getsockname(int fd, void *address, _Inout_ uint32_t *length)',
) as (fd: number, address: Buffer, length: [number]) => number

/** What a system has to say of a socket. */
export interface SocketQuestions {
  /** An option of SOL_SOCKET whose value is an int. @throws SystemCallError for what is no socket */
  option(level: number, name: number): number
  /** Its address as the system has it. @throws SystemCallError */
  address(): Buffer
}

/** What is called how: SOL_SOCKET, SO_TYPE, SO_ACCEPTCONN, and the family in an address. */
interface Numbers {
  readonly level: number
  readonly type: number
  readonly accepts: number
  readonly family: (address: Buffer) => number
}

const LINUX: Numbers = {
  level: 1,
  type: 3,
  accepts: 30,
  family: (address) => address.readUInt16LE(0),
}

/** macOS sys/socket.h and sys/un.h, not run there yet: the length comes first, one byte each. */
const DARWIN: Numbers = {
  level: 0xffff,
  type: 0x1008,
  accepts: 0x0002,
  family: (address) => address.readUInt8(1),
}

const AF_UNIX = 1
const SOCK_STREAM = 1

/** The family comes first. */
const PATH_OFFSET = 2
const MAX_ADDRESS_BYTES = 256

/**
 * Where a descriptor listens that somebody else has bound for us.
 *
 * @param ask The kernel; a test can be another one.
 * @returns Its path; `undefined` for what is no Unix stream socket that listens at a path.
 * @throws SystemCallError for what is no socket
 */
export function listeningPath(
  fd: number,
  platform: NodeJS.Platform = process.platform,
  ask: SocketQuestions = kernel(fd),
): string | undefined {
  const { level, type, accepts, family } = platform === 'darwin' ? DARWIN : LINUX
  if (ask.option(level, type) !== SOCK_STREAM || ask.option(level, accepts) === 0) return undefined
  const address = ask.address()
  if (address.length <= PATH_OFFSET || family(address) !== AF_UNIX) return undefined
  // an abstract name begins with the NUL that ends a path
  const [path = ''] = address.toString('utf8', PATH_OFFSET).split('\0', 1)
  return path === '' ? undefined : path
}

function kernel(fd: number): SocketQuestions {
  return {
    option(level, name) {
      const value = Buffer.alloc(4)
      succeeded('getsockopt', getsockopt(fd, level, name, value, [value.length]))
      return value.readInt32LE(0)
    },
    address() {
      const address = Buffer.alloc(MAX_ADDRESS_BYTES)
      const length: [number] = [address.length]
      succeeded('getsockname', getsockname(fd, address, length))
      return address.subarray(0, length[0])
    },
  }
}
