import { closeSync, fdatasync } from 'node:fs'
import { unavailable } from './own-file.ts'

/** An open file. Its number stays ours until the last sync of it is over: then the kernel may give it away. */
export class LogFile {
  readonly fd: number
  #syncs = 0
  #isLeft = false

  constructor(fd: number) {
    this.fd = fd
  }

  /** @throws GrantdError `audit_unavailable` */
  async sync(): Promise<void> {
    this.#syncs += 1
    await new Promise<void>((resolve, reject) => {
      fdatasync(this.fd, (error) => {
        this.#syncs -= 1
        if (this.#isLeft) this.leave()
        if (error) reject(unavailable(error))
        else resolve()
      })
    })
  }

  /** Nothing is written any more. */
  leave(): void {
    this.#isLeft = true
    if (this.#syncs === 0) closeSync(this.fd)
  }
}
