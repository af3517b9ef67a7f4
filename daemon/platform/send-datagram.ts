import { library, succeeded } from './library.ts'

const socket = library.func('int socket(int family, int type, int protocol)') as (
  family: number,
  type: number,
  protocol: number,
) => number
const sendto = library.func(
  'long sendto(int fd, const void *bytes, unsigned long length, int flags, const void *address, uint32_t size)',
) as (
  fd: number,
  bytes: Buffer,
  length: number,
  flags: number,
  address: Buffer,
  size: number,
) => number
const close = library.func('int close(int fd)') as (fd: number) => number

const AF_UNIX = 1
/** SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK of Linux. */
const DATAGRAM = 2 | 0o2000000 | 0o4000
/** MSG_NOSIGNAL of Linux. */
const FLAGS = 0x4000

/**
 * Sends one datagram to a Unix socket of Linux, which Node cannot. It never waits.
 *
 * @param path A path, or `@` and an abstract name.
 * @throws SystemCallError when nobody reads there, or not fast enough
 * @see unix(7)
 */
export function sendDatagram(path: string, text: string): void {
  // a path ends with a NUL, and an abstract name begins with one
  const name = Buffer.from(path.startsWith('@') ? `\0${path.slice(1)}` : `${path}\0`)
  const family = Buffer.alloc(2)
  family.writeUInt16LE(AF_UNIX)
  const address = Buffer.concat([family, name])
  const fd = succeeded('socket', socket(AF_UNIX, DATAGRAM, 0))
  try {
    const bytes = Buffer.from(text)
    succeeded('sendto', sendto(fd, bytes, bytes.length, FLAGS, address, address.length))
  } finally {
    close(fd)
  }
}
