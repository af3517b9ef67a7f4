/** How many requests may be without an answer; refusals that wait to be sent count by the same numbers. */
export interface RequestCaps {
  readonly perConnection: number
  readonly perPid: number
  readonly inAll: number
}

/**
 * A process gets no further request in while it has this part of what is free: alone that is a
 * quarter of all, and each greedy one leaves three quarters of what it found.
 */
const SHARE_OF_THE_FREE = 1 / 3

/** What is known of a connection: an object of its own, and when it ends. */
export interface RequestConnection {
  once(event: 'close', listener: () => void): unknown
}

/**
 * What becomes of a request. `served` and `refused` call `leave` once their answer is
 * out; `cut` gets no answer at all, because too many refusals wait to be sent already.
 */
export type Entrance =
  | { readonly kind: 'served' | 'refused'; readonly leave: () => void }
  | { readonly kind: 'cut' }

type Counted = 'served' | 'refused'

const NONE: Readonly<Record<Counted, number>> = { served: 0, refused: 0 }

interface OfConnection {
  readonly pid: number
  readonly count: Record<Counted, number>
  isClosed: boolean
}

/**
 * Counts the requests that have no answer yet. Answers on a connection keep their
 * order: behind one request that waits, a caller can pile up others, and refusals of
 * others, and each of them takes memory and a moment of everybody's time at the end.
 * Not handled here: refusals per connection, which Node bounds by reading no further
 * while more than a few KiB of answers cannot be sent.
 */
export class OpenRequests {
  readonly #caps: RequestCaps
  readonly #ofConnection = new WeakMap<RequestConnection, OfConnection>()
  readonly #ofPid = new Map<number, Record<Counted, number>>()
  readonly #inAll: Record<Counted, number> = { served: 0, refused: 0 }
  #refusedEver = 0

  constructor(caps: RequestCaps) {
    this.#caps = caps
  }

  /** Requests that are being served. */
  get open(): number {
    return this.#inAll.served
  }

  /** Refused requests whose answer waits behind others. */
  get unsentRefusals(): number {
    return this.#inAll.refused
  }

  /** Refused or cut since the start. */
  get refused(): number {
    return this.#refusedEver
  }

  /** Processes that have requests without an answer. */
  get processes(): number {
    return this.#ofPid.size
  }

  /** Requests of one connection without an answer, refused ones too. */
  unansweredOn(connection: RequestConnection): number {
    const { served, refused } = this.#ofConnection.get(connection)?.count ?? NONE
    return served + refused
  }

  /** One more request of the process `pid` on a connection. */
  enter(connection: RequestConnection, pid: number): Entrance {
    const here = this.#knownConnection(connection, pid)
    const ofPid = this.#ofPid.get(pid) ?? NONE
    const { perConnection, perPid, inAll } = this.#caps
    const hasRoom = (kind: Counted): boolean =>
      ofPid[kind] < perPid &&
      ofPid[kind] < (inAll - this.#inAll[kind]) * SHARE_OF_THE_FREE &&
      !here.isClosed
    if (here.count.served < perConnection && hasRoom('served')) return this.#count(here, 'served')
    this.#refusedEver += 1
    return hasRoom('refused') ? this.#count(here, 'refused') : { kind: 'cut' }
  }

  #count(here: OfConnection, kind: Counted): Entrance {
    this.#add(here, kind, 1)
    let hasLeft = false
    return {
      kind,
      leave: () => {
        if (hasLeft || here.isClosed) return
        hasLeft = true
        this.#add(here, kind, -1)
      },
    }
  }

  #add(here: OfConnection, kind: Counted, change: number): void {
    const ofPid = this.#knownPid(here.pid)
    here.count[kind] += change
    ofPid[kind] += change
    this.#inAll[kind] += change
  }

  #knownConnection(connection: RequestConnection, pid: number): OfConnection {
    const known = this.#ofConnection.get(connection)
    if (known !== undefined) return known
    const made: OfConnection = { pid, count: { served: 0, refused: 0 }, isClosed: false }
    this.#ofConnection.set(connection, made)
    // requests behind the first one are told nothing when their connection closes
    connection.once('close', () => {
      for (const kind of ['served', 'refused'] as const) this.#add(made, kind, -made.count[kind])
      made.isClosed = true
      // not with each answer: as long as it is connected, it will ask again
      const { served, refused } = this.#knownPid(pid)
      if (served === 0 && refused === 0) this.#ofPid.delete(pid)
    })
    return made
  }

  #knownPid(pid: number): Record<Counted, number> {
    const known = this.#ofPid.get(pid)
    if (known !== undefined) return known
    const made = { served: 0, refused: 0 }
    this.#ofPid.set(pid, made)
    return made
  }
}
