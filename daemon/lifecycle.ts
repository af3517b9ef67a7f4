import type { FastifyInstance } from 'fastify'
import { TICK_MS, type TickTask } from './base/tick.ts'
import { endOutlivedGrants } from './broker/enforce-lifetime.ts'
import type { Logins } from './broker/logins.ts'
import { renewTokens, rescueDoubts } from './broker/renew-tokens.ts'
import { retryRevocations } from './broker/retry-revocations.ts'
import type { Rooms } from './broker/rooms.ts'
import { saveUses } from './broker/save-uses.ts'
import type { VaultDoor } from './vault/vault-door.ts'

/** How often a configuration that was broken at the start is looked at again. */
const MENDED_CHECK_MS = 250

/** How long somebody who has connected may take to ask, at the end. */
const LAST_WORDS_MS = 50

/** How long answers may take to leave at the end; who has not asked anything by then is cut off. */
const FAREWELL_MS = 500

/** What was opened, to be closed in the opposite order. */
export class Opened {
  readonly #closers: (() => Promise<void> | void)[] = []

  push(close: () => Promise<void> | void): void {
    this.#closers.push(close)
  }

  /**
   * Closes everything, whatever fails on the way; a second call finds nothing to close.
   *
   * @throws unknown the first failure, once all are closed
   */
  async closeAll(): Promise<void> {
    const failures: unknown[] = []
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
}

/**
 * Nobody new is accepted by then, and who was accepted is heard; who waits for an exchange or a login
 * gets an answer; then all are cut off.
 */
export async function closeServers(
  servers: readonly FastifyInstance[],
  flights: Rooms['flights'],
  logins: Logins,
): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS))
  const closed = Promise.all(servers.map((app) => app.close()))
  await logins.close()
  await flights.landed()
  // Node looks at no deadline any more once a server closes: whoever never finishes a request stays
  const farewell = setTimeout(() => {
    for (const app of servers) app.server.closeAllConnections()
  }, FAREWELL_MS)
  await closed
  clearTimeout(farewell)
}

/**
 * What is done on every tick: a vault that nobody uses is locked, one that its keeper locked
 * is tried again, what a full disk left unsaved is written, uses are remembered, grants that
 * outlived their limits end, tokens in use are renewed, and issuers hear of revocations that did not get through.
 *
 * @param autoLock Locks the vault if it is time to.
 * @param signal Ends what only waits, and begins no revocation any more.
 */
export function standingTasks(
  rooms: Rooms,
  door: Pick<VaultDoor, 'attempt' | 'state'>,
  autoLock: () => Promise<void>,
  signal: AbortSignal,
): readonly TickTask[] {
  const isLocked = (): boolean => door.state().kind === 'locked'
  return [
    { name: 'auto_lock', run: autoLock },
    {
      name: 'vault',
      run: async () => {
        if (isLocked()) await door.attempt()
        else await rooms.vault().flush()
      },
    },
    {
      name: 'last_uses',
      run: async () => {
        if (!isLocked()) await saveUses(rooms, false)
      },
    },
    {
      name: 'lifetimes',
      run: async () => {
        if (!isLocked()) await endOutlivedGrants(rooms)
      },
    },
    {
      name: 'renewals',
      run: async (seen) => {
        if (!isLocked() && !isBroken(rooms)) await renewTokens(rooms, seen, signal)
      },
    },
    {
      name: 'retries_in_doubt',
      run: async () => {
        if (!isLocked() && !isBroken(rooms)) await rescueDoubts(rooms, TICK_MS, signal)
      },
    },
    {
      name: 'revocations',
      run: async () => {
        if (!isLocked()) await retryRevocations(rooms, signal)
      },
    },
  ]
}

/** Under a broken configuration nothing is fetched that nobody may have. */
function isBroken(rooms: Pick<Rooms, 'requireConfig'>): boolean {
  try {
    rooms.requireConfig()
    return false
  } catch {
    // every caller is told what is wrong with it
    return true
  }
}

/**
 * Opens the vault as soon as a configuration that was broken at the start is mended.
 *
 * @returns What stops it.
 */
export function openWhenMended(
  isBroken: () => boolean,
  door: Pick<VaultDoor, 'attempt'>,
): () => void {
  if (!isBroken()) return () => undefined
  const timer = setInterval(() => {
    if (isBroken()) return
    clearInterval(timer)
    void door.attempt()
  }, MENDED_CHECK_MS)
  return () => clearInterval(timer)
}
