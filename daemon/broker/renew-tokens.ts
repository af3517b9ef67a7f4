import { GrantdError } from '@grantd/client/protocol'
import type { ClockReading } from '../base/clock-watch.ts'
import { formatScope } from '../grant/scope.ts'
import { wait } from '../issuer/wait.ts'
import { narrowScope, type Target } from '../policy/narrow-scope.ts'
import { rescueDelayMs } from '../refresh/doubt.ts'
import type { RefreshOutcome } from '../refresh/outcome.ts'
import { NOT_SENT_PAUSES } from '../refresh/pauses.ts'
import type { TokenKey } from '../token/cache-key.ts'
import { outlivedReason } from './enforce-lifetime.ts'
import { exchangeOnRecord } from './exchange-on-record.ts'
import { flightKey } from './exchange-token.ts'
import type { Rooms } from './rooms.ts'

/** After a resume everything is due at once, and the network may not be there yet. */
const RESUME_SPREAD_MS = 5_000

/** A timer may ring a moment early; a retry that comes early is refused. */
const TIMER_SLACK_MS = 10

/**
 * Renews tokens that somebody got, before they end, so that the next caller does not wait.
 * It hands nothing out: whoever asks passes policy as ever.
 *
 * @param seen What the clocks did: after a resume exchanges are spread, and pauses of the
 *   time when nothing could be sent are over.
 * @param signal Ends the waiting, and nothing that was sent.
 * @throws unknown the first failure that is ours, once all were tried
 */
export async function renewTokens(
  rooms: Rooms,
  seen: ClockReading,
  signal: AbortSignal,
): Promise<void> {
  const isResumed = seen.jumpMs > 0
  if (isResumed) rooms.backOff.clearKind(NOT_SENT_PAUSES)
  await settled(
    rooms.renewals.takeDue().map(async (key) => {
      if (isResumed) await wait(rooms.random() * RESUME_SPREAD_MS, signal)
      if (signal.aborted) return
      const outcome = await renew(rooms, key)
      if (outcome?.kind === 'transient') rooms.renewals.putBack(key)
    }),
  )
}

async function renew(rooms: Rooms, key: TokenKey): Promise<RefreshOutcome | undefined> {
  const grant = rooms.vault().get(key.grantId)
  // one that is in doubt has a single attempt left, and it is not ours to spend
  if (grant?.state.kind !== 'active' || grant.refreshInvalidatesAccessTokens) return undefined
  if (outlivedReason(rooms, grant) !== undefined) return undefined
  const scope = formatScope(key.scope)
  let target: Target
  try {
    target = narrowScope(grant, { audience: key.audience, scope })
  } catch (error) {
    // a token that could not be asked for any more is left to end
    if (error instanceof GrantdError) return undefined
    throw error
  }
  // nobody waits for what nobody may have
  if (!rooms.policy.couldGive({ grant, scope: key.scope, audience: key.audience })) return undefined
  return await rooms.flights.join(grant.id, flightKey(grant, target), () =>
    exchangeOnRecord(rooms, undefined, grant.id, target),
  )
}

/**
 * Sends the one retry of a lost answer while the issuer is known to answer it still, also
 * when nobody asks: once that time is over only a person helps.
 *
 * @param withinMs Only what comes before the next round.
 * @param signal Ends the waiting, and nothing that was sent.
 * @throws unknown the first failure that is ours, once all were tried
 */
export async function rescueDoubts(
  rooms: Rooms,
  withinMs: number,
  signal: AbortSignal,
): Promise<void> {
  await settled(
    rooms
      .vault()
      .list()
      .map(async ({ id }) => {
        const delayMs = rescueDelay(rooms, id)
        if (delayMs === undefined || delayMs > withinMs) return
        if (delayMs > 0) await wait(delayMs + TIMER_SLACK_MS, signal)
        if (signal.aborted || rescueDelay(rooms, id) !== 0) return
        const grant = rooms.vault().get(id)
        if (grant === undefined || outlivedReason(rooms, grant) !== undefined) return
        const target = narrowScope(grant, {})
        await rooms.flights.join(id, flightKey(grant, target), () =>
          exchangeOnRecord(rooms, undefined, id, target),
        )
      }),
  )
}

function rescueDelay(rooms: Rooms, id: string): number | undefined {
  const grant = rooms.vault().get(id)
  return grant && rescueDelayMs(grant, rooms.clock.now())
}

/** All are tried, whichever fails. */
async function settled(work: readonly Promise<void>[]): Promise<void> {
  for (const end of await Promise.allSettled(work))
    if (end.status === 'rejected') throw end.reason as unknown
}
