import { getSystemErrorName } from 'node:util'

/** A call into libc that failed: its name and errno, such as `getsockopt: ENOTSOCK`. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError'
  readonly call: string
  /** Positive errno of this platform. */
  readonly errno: number

  constructor(call: string, errno: number) {
    super(`${call}: ${getSystemErrorName(-errno)}`)
    this.call = call
    this.errno = errno
  }
}
