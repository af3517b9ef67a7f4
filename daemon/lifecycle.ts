import type { FastifyInstance } from 'fastify'
import type { Log } from './base/log.ts'
import type { Logins } from './broker/logins.ts'
import { retryRevocations } from './broker/retry-revocations.ts'
import type { Rooms } from './broker/rooms.ts'
import type { VaultDoor } from './vault/vault-door.ts'

/** How often revocations that did not get through are tried again. */
const REVOCATION_RETRY_MS = 60_000

/** How often a configuration that was broken at the start is looked at again. */
const MENDED_CHECK_MS = 250

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

/** Nobody new is heard; who waits for an exchange or a login gets an answer; then all are cut off. */
export async function closeServers(
  servers: readonly FastifyInstance[],
  flights: Rooms['flights'],
  logins: Logins,
): Promise<void> {
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
 * Tries revocations that did not get through, or a vault that is locked, now and then.
 *
 * @returns What stops it, and waits for what is under way.
 */
export function retryUntilClosed(rooms: Rooms, door: VaultDoor, log: Log): () => Promise<void> {
  const retry = async (): Promise<void> => {
    try {
      if (door.state().kind === 'locked') await door.attempt()
      else await retryRevocations(rooms)
    } catch (error) {
      log.error('revocations could not be retried', error)
    }
  }
  let running = retry()
  const timer = setInterval(() => {
    running = running.then(retry)
  }, REVOCATION_RETRY_MS)
  return async () => {
    clearInterval(timer)
    await running
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
