import { closeFd, closeOnExec } from './libc.ts'
import { library, succeeded } from './library.ts'

const socket = library.func('int socket(int domain, int type, int protocol)') as (
  domain: number,
  type: number,
  protocol: number,
) => number
const bind = library.func('int bind(int fd, const void *address, uint32_t length)') as (
  fd: number,
  address: Buffer,
  length: number,
) => number

const AF_UNIX = 1
const SOCK_STREAM = 1

/** Of `sun_path`, with the NUL that ends it. */
const PATH_BYTES = { darwin: 104, linux: 108 }

/**
 * A Unix socket that is bound and does not listen yet; its file has what the umask leaves. What
 * Node binds itself it unlinks in the end, whatever lies at the path by then: this it leaves alone.
 *
 * @returns Its descriptor, which is the caller's.
 * @throws SystemCallError
 */
export function boundSocket(path: string): number {
  const address = unixAddress(path)
  const fd = succeeded('socket', socket(AF_UNIX, SOCK_STREAM, 0))
  closeOnExec(fd)
  try {
    succeeded('bind', bind(fd, address, address.length))
    return fd
  } catch (error) {
    closeFd(fd)
    throw error
  }
}

/**
 * A `sockaddr_un`; on macOS its length comes first, one byte, and the family has one too.
 *
 * @throws TypeError for a path that does not fit: the kernel would cut it short
 */
export function unixAddress(path: string, platform: NodeJS.Platform = process.platform): Buffer {
  const isDarwin = platform === 'darwin'
  const bytes = Buffer.from(`${path}\0`)
  if (bytes.length > PATH_BYTES[isDarwin ? 'darwin' : 'linux'] || path.includes('\0'))
    throw new TypeError(`no socket can be at "${path}"`)
  const head = Buffer.alloc(2)
  if (isDarwin) head.set([head.length + bytes.length, AF_UNIX])
  else head.writeUInt16LE(AF_UNIX)
  return Buffer.concat([head, bytes])
}
