import { getSystemErrorName } from 'node:util'

/** A call into libc that failed: its name and errno, such as `getsockopt: ENOTSOCK`. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError'
  readonly call: string
  /** The name of the errno, such as `ENOTSOCK`. */
  readonly code: string
  /** Positive errno of this platform. */
  readonly errno: number

  constructor(call: string, errno: number) {
    const code = getSystemErrorName(-errno)
    super(`${call}: ${code}`)
    this.code = code
    this.call = call
    this.errno = errno
  }
}
