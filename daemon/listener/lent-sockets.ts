import { createServer, type Server } from 'node:net'
import { resolve } from 'node:path'
import { StartupError } from '../base/startup-error.ts'
import type { InheritedSocket } from './inherited-sockets.ts'
import { listenOn } from './listen-on.ts'

/**
 * Sockets of capabilities that a service manager has bound. To close one would not end it: the
 * manager holds it too, and whoever connects would wait for an answer for ever. So somebody
 * always listens: the capability of that path, or one who hangs up on everybody.
 */
export class LentSockets {
  readonly #sockets: ReadonlyMap<string, InheritedSocket>
  readonly #duplicate: (fd: number) => number
  readonly #taken = new Set<InheritedSocket>()
  readonly #refusing = new Map<InheritedSocket, Server>()
  #isOver = false

  /**
   * @param sockets They are ours from now on.
   * @param duplicate Another descriptor of the same socket: each listener closes its own.
   */
  constructor(sockets: readonly InheritedSocket[], duplicate: (fd: number) => number) {
    this.#sockets = new Map(sockets.map((socket) => [resolve(socket.path), socket]))
    this.#duplicate = duplicate
  }

  /** True for the path of one of them. */
  has(path: string): boolean {
    return this.#sockets.has(resolve(path))
  }

  /**
   * Refuses everybody where no capability listens; to be called once those have their sockets.
   *
   * @returns The paths.
   */
  async refuseRest(): Promise<readonly string[]> {
    const rest = [...this.#sockets.values()].filter((socket) => !this.#taken.has(socket))
    for (const socket of rest) await this.#refuse(socket)
    return rest.map(({ path }) => path)
  }

  /**
   * Has a capability listen at its path.
   *
   * @throws StartupError when another does, or it cannot
   */
  async take(server: Server, path: string): Promise<void> {
    const socket = this.#at(path)
    if (this.#taken.has(socket))
      throw new StartupError(`another capability listens at "${path}"`, 'choose another path')
    this.#taken.add(socket)
    this.#refusing.get(socket)?.close()
    this.#refusing.delete(socket)
    try {
      await this.#listen(server, socket)
    } catch (error) {
      await this.give(path)
      throw error
    }
  }

  /** Refuses everybody there from now on: the capability that listened there has closed. */
  async give(path: string): Promise<void> {
    const socket = this.#at(path)
    if (this.#taken.delete(socket) && !this.#isOver) await this.#refuse(socket)
  }

  /** The end: whoever comes from now on waits for the next daemon. */
  end(): void {
    this.#isOver = true
    for (const server of this.#refusing.values()) server.close()
    this.#refusing.clear()
  }

  #at(path: string): InheritedSocket {
    const socket = this.#sockets.get(resolve(path))
    if (socket === undefined) throw new TypeError(`nobody has lent us "${path}"`)
    return socket
  }

  async #refuse(socket: InheritedSocket): Promise<void> {
    const server = createServer((connection) => connection.destroy())
    this.#refusing.set(socket, server)
    await this.#listen(server, socket)
  }

  async #listen(server: Server, { fd, path }: InheritedSocket): Promise<void> {
    await listenOn(server, { path, fd: this.#duplicate(fd) })
  }
}
