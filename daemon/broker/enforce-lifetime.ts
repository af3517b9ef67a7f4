import { GrantdError } from '@grantd/client/protocol'
import { formatDuration } from '../config/duration.ts'
import type { Grant } from '../grant/grant.ts'
import { outlived } from '../grant/outlived.ts'
import { endAtIssuer, endLocally, isUnrecorded } from './revoke-grant.ts'
import type { Rooms } from './rooms.ts'
import { loginHint } from './token-key.ts'

/**
 * Refuses a grant that has lived longer than the configuration lets it. Nothing is ended
 * here: the clock may be wrong, and a refusal can be taken back.
 *
 * @throws GrantdError `login_required`
 */
export function refuseOutlived(rooms: Rooms, grant: Grant): void {
  const reason = outlivedReason(rooms, grant)
  if (reason !== undefined)
    throw new GrantdError('login_required', `"${grant.name}" is ${reason}`, loginHint(grant))
}

/**
 * Why a grant that is still alive should not be.
 *
 * @returns Such as `older than 30d`; `undefined` when it may live on.
 */
export function outlivedReason(rooms: Rooms, grant: Grant): string | undefined {
  if (grant.state.kind === 'revoked' || grant.state.kind === 'login_required') return undefined
  const limits = rooms.lifetimeOf(grant.name)
  const found = outlived(grant, limits, rooms.uses.get(grant.id), rooms.clock.now())
  if (found === undefined) return undefined
  const duration = formatDuration(found.seconds)
  return found.limit === 'session' ? `older than ${duration}` : `unused for more than ${duration}`
}

/**
 * Ends every grant that has outlived its limits, here and at its issuer, as soon as the
 * clock that says so has proved itself. Each fails alone and is tried again.
 *
 * @throws unknown the first failure, once all were tried
 */
export async function endOutlivedGrants(rooms: Rooms): Promise<void> {
  // asked every time, so that no jump of the clock is missed
  if (!rooms.steadyClock.isSteady()) return
  const ends = rooms
    .vault()
    .list()
    .map(async (grant) => {
      const reason = outlivedReason(rooms, grant)
      if (reason === undefined) return
      await end(rooms, grant.id, reason)
    })
  for (const ended of await Promise.allSettled(ends))
    if (ended.status === 'rejected') throw ended.reason as unknown
}

/** An audit log that cannot be written stops nothing, and is told at the end. */
async function end(rooms: Rooms, id: string, reason: string): Promise<void> {
  const unrecorded = await endLocally(rooms, undefined, id, reason).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (unrecorded !== undefined && !isUnrecorded(unrecorded)) throw unrecorded
  await endAtIssuer(rooms, id)
  if (unrecorded !== undefined) throw unrecorded
}
