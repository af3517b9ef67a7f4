import {
  MAX_CONNECTIONS,
  MAX_CONNECTIONS_PER_PID,
  MIN_DESCRIPTORS,
  RESERVED_DESCRIPTORS,
} from '../base/limits.ts'
import { StartupError } from '../base/startup-error.ts'

/** How many connections there may be, to all listeners together. */
export interface ConnectionCaps {
  readonly inAll: number
  readonly perPid: number
}

/** The socket, and the open file by which the process behind it is held. */
const DESCRIPTORS_PER_CONNECTION = 2

/** No process may have more than this part of all connections. */
const SHARE_OF_A_PROCESS = 1 / 4

/**
 * Nor may it take a further one while it has this part of those that are free: alone that is a
 * quarter of all, and each greedy process leaves three quarters of what it found. Four of them
 * cannot fill the daemon, and whoever has no connection yet gets one as long as there is any.
 */
const SHARE_OF_THE_FREE = 1 / 3

/**
 * Caps that leave the daemon descriptors for its vault, its audit log and its issuers,
 * whatever callers do.
 *
 * @param descriptorLimit Files this process may have open; `undefined` when unknown.
 * @throws StartupError when there are too few to begin with
 */
export function connectionCaps(descriptorLimit: number | undefined): ConnectionCaps {
  const limit = descriptorLimit ?? Number.POSITIVE_INFINITY
  if (limit < MIN_DESCRIPTORS)
    throw new StartupError(
      `only ${limit} files may be open at once; ${MIN_DESCRIPTORS} are needed`,
      `raise the limit: ulimit -n ${MIN_DESCRIPTORS}, or LimitNOFILE= of the unit`,
    )
  const left = Math.floor((limit - RESERVED_DESCRIPTORS) / DESCRIPTORS_PER_CONNECTION)
  const inAll = Math.min(left, MAX_CONNECTIONS)
  return {
    inAll,
    perPid: Math.min(Math.floor(inAll * SHARE_OF_A_PROCESS), MAX_CONNECTIONS_PER_PID),
  }
}

/** The connections of all listeners together. */
export class ConnectionBudget {
  readonly #caps: ConnectionCaps
  readonly #ofPid = new Map<number, number>()
  #open = 0
  #taken = 0

  constructor(caps: ConnectionCaps) {
    this.#caps = caps
  }

  get open(): number {
    return this.#open
  }

  /** How many there have been so far. */
  get taken(): number {
    return this.#taken
  }

  /**
   * Takes one connection of the process `pid` into account.
   *
   * @returns Why there is no room for it; `undefined` when there is.
   */
  take(pid: number): 'too_many' | 'too_many_of_process' | undefined {
    const ofPid = this.#ofPid.get(pid) ?? 0
    if (this.#open >= this.#caps.inAll) return 'too_many'
    const free = this.#caps.inAll - this.#open
    if (ofPid >= this.#caps.perPid || ofPid >= free * SHARE_OF_THE_FREE)
      return 'too_many_of_process'
    this.#open += 1
    this.#taken += 1
    this.#ofPid.set(pid, ofPid + 1)
    return undefined
  }

  /** A connection that was taken into account has ended. */
  give(pid: number): void {
    this.#open -= 1
    const left = (this.#ofPid.get(pid) ?? 1) - 1
    if (left === 0) this.#ofPid.delete(pid)
    else this.#ofPid.set(pid, left)
  }
}
