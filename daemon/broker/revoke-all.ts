import { GrantdError, type RevokeAllFailure, type RevokeAllResponse } from '@grantd/client/protocol'
import type { Grant } from '../grant/grant.ts'
import { inLanes } from './in-lanes.ts'
import type { Logins } from './logins.ts'
import { withPatience } from './patience.ts'
import { endAtIssuer, endLocally, isUnrecorded, revokeResponse } from './revoke-grant.ts'
import type { Caller, Rooms } from './rooms.ts'

/** How long a person in a panic waits for issuers; what they have not heard by then is queued. */
const PATIENCE_SECONDS = 20

/** Grants of one issuer that it hears of at a time: it may be small, and we have few descriptors. */
const GRANTS_PER_ISSUER = 4

/**
 * Ends everything: pending logins, and all grants with those that a newer login replaced.
 * Here first, all of them, durably and at once; then the issuers hear of it side by side,
 * so that one that stalls holds up no other. A failure stops nothing else, and is told.
 *
 * @param wait What ends the wait for the issuers; tests replace it.
 * @throws GrantdError `vault_locked` when there is no vault at all
 */
export async function revokeAll(
  rooms: Rooms,
  caller: Caller,
  logins: Pick<Logins, 'cancelPending'>,
  wait: typeof withPatience = withPatience,
): Promise<RevokeAllResponse> {
  const vault = rooms.vault()
  const ending: string[] = []
  const failed: RevokeAllFailure[] = []
  const endHere = async (grants: readonly Grant[]): Promise<readonly Grant[]> => {
    const ended = await Promise.all(
      grants.map(async (grant) => ((await endOne(rooms, caller, grant, failed)) ? [grant] : [])),
    )
    ending.push(...ended.flat().map(({ id }) => id))
    return ended.flat()
  }
  const tell = (grants: readonly Grant[]): Promise<void> =>
    inLanes(
      grants,
      ({ metadata }) => metadata.issuer,
      GRANTS_PER_ISSUER,
      (grant) => endAtIssuer(rooms, grant.id),
    )
  // signalled now, waited for later: a login that is being started waits for its issuer
  const cancelled = logins.cancelPending()
  const ended = await endHere(vault.list().filter(isOpen))
  // a login whose answer had come already has become a grant all the same
  const late = async (): Promise<void> => {
    const grants = (await cancelled.complete).flatMap((id) => vault.get(id) ?? [])
    await tell(await endHere(grants.filter(isOpen)))
  }
  await wait(Promise.allSettled([tell(ended), late()]), PATIENCE_SECONDS)
  const now = rooms.clock.now()
  return {
    grants: ending.flatMap((id) => {
      const grant = vault.get(id)
      return grant === undefined ? [] : [revokeResponse(grant, now)]
    }),
    failed,
    broken: vault.broken.map(({ file, reason }) => ({ file, reason })),
    cancelled_logins: cancelled.count,
  }
}

/** Nothing is left to be done for a grant whose revocation is settled. */
function isOpen({ state }: Grant): boolean {
  return state.kind !== 'revoked' || state.revocation === 'queued'
}

/** @returns Whether it has ended here, durably: then its issuer may hear of it. */
async function endOne(
  rooms: Rooms,
  caller: Caller,
  { id, name, state }: Grant,
  failed: RevokeAllFailure[],
): Promise<boolean> {
  if (state.kind === 'revoked') return true
  try {
    await endLocally(rooms, caller, id)
    return true
  } catch (error) {
    const known = error instanceof GrantdError
    const code = known ? error.code : 'internal_error'
    const detail = known ? error.message : 'a mistake of the daemon'
    failed.push({ grant: name, code, detail })
    return isUnrecorded(error)
  }
}
