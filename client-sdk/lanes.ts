import { type ConnectionOptions, type ConnectionRequest, GrantdConnection } from './connection.ts'

/** Most connections of one client: slow answers rarely come in threes, and the daemon counts connections per process. */
export const MAX_LANES = 4

/**
 * A few connections side by side. Answers on one connection keep their order,
 * so behind a request that waits for a person's consent all later ones would
 * wait too. A request therefore takes a connection on which nobody waits, opens
 * another one while there may be more, and else joins the shortest queue. A
 * program that asks for one token at a time has one connection.
 */
export class Lanes {
  readonly #options: ConnectionOptions
  readonly #lanes: GrantdConnection[]

  /** @throws TypeError as `GrantdConnection` does */
  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#lanes = [new GrantdConnection(options)]
  }

  /** Sends a request as `GrantdConnection` does. */
  request(request: ConnectionRequest): Promise<unknown> {
    return this.#pick().request(request)
  }

  /** Closes all of them. */
  close(): void {
    for (const lane of this.#lanes) lane.close()
  }

  #pick(): GrantdConnection {
    const shortest = this.#lanes.reduce((a, b) => (b.waitingCount < a.waitingCount ? b : a))
    if (shortest.waitingCount === 0 || this.#lanes.length === MAX_LANES) return shortest
    const lane = new GrantdConnection(this.#options)
    this.#lanes.push(lane)
    return lane
  }
}
