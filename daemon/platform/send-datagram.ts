import koffi from 'koffi'
import { SystemCallError } from './system-call-error.ts'

const library = koffi.load(process.platform === 'darwin' ? '/usr/lib/libSystem.B.dylib' : null)
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
  const name = Buffer.from(path)
  if (path.startsWith('@')) name[0] = 0
  const address = Buffer.alloc(2 + name.length + (path.startsWith('@') ? 0 : 1))
  address.writeUInt16LE(AF_UNIX, 0)
  name.copy(address, 2)
  const fd = socket(AF_UNIX, DATAGRAM, 0)
  if (fd < 0) throw failure('socket')
  try {
    const bytes = Buffer.from(text)
    if (sendto(fd, bytes, bytes.length, FLAGS, address, address.length) < 0) throw failure('sendto')
  } finally {
    close(fd)
  }
}

function failure(call: string): SystemCallError {
  return new SystemCallError(call, koffi.errno())
}
