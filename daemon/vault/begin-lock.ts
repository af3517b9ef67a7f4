import { GrantdError } from '@grantd/client/protocol'
import { errorCode } from './error-code.ts'
import type { Latch } from './latch.ts'
import type { LockedOnPurposeBy } from './vault-facts.ts'
import type { VaultMaker } from './vault-maker.ts'

/** A lock that holds for callers already, and has still to be brought to its end. */
export interface BegunLock {
  /**
   * Waits for exchanges under way, writes what is unsaved, and wipes the key. Nobody else may
   * be at work on the vault.
   *
   * @throws GrantdError `vault_locked` when a record would be lost: then nothing is locked
   */
  readonly shut: () => Promise<void>
  /** @throws GrantdError `vault_locked` when a restart would open it */
  readonly writtenDown: () => Promise<void>
}

/**
 * Locks for callers at once, and begins to write it down.
 *
 * @param settle Resolves when no exchange is under way any more.
 * @returns undefined when idleness has nothing to lock.
 * @throws GrantdError `invalid_request` for a vault in memory
 */
export function beginLock(
  latch: Latch,
  maker: VaultMaker,
  settle: () => Promise<void>,
  by: LockedOnPurposeBy,
): BegunLock | undefined {
  const { opening } = latch
  if (opening.kind === 'open' && opening.vault.kind === 'memory')
    throw new GrantdError('invalid_request', 'to lock a vault in memory would end its grants', {
      hint: 'grantd revoke',
    })
  if (by === 'idle' && latch.vault() === undefined) return undefined
  // Written before anything is waited for: who kills us now shall find it locked.
  const lockedBy = latch.lock(by)
  const { locks } = latch
  const written = maker.writeLock(lockedBy).then(
    () => undefined,
    (error: unknown) => error,
  )

  /** Nothing is locked after all, unless somebody has locked it again. */
  const takeBack = async (): Promise<void> => {
    await written
    if (latch.takeBack(locks)) await maker.removeLock().catch(() => undefined) // the error that led here counts
  }

  return {
    async shut() {
      if (latch.opening.kind === 'locked') return
      const { opening: open } = latch
      await settle()
      try {
        await open.vault.flush()
      } catch (error) {
        await takeBack()
        throw error
      }
      latch.shut(open)
      await open.vault.close()
    },
    async writtenDown() {
      const failure = await written
      if (failure !== undefined)
        throw new GrantdError(
          'vault_locked',
          `locked, but a restart would open it: ${errorCode(failure)}`,
          { hint: 'make room on the disk of the state directory, and let us write to it' },
        )
    },
  }
}
