import { type BreakGlassDetail, type BreakGlassRequest, GrantdError } from '@grantd/client/protocol'
import type { Grant } from '../grant/grant.ts'
import { askAbout } from './require-consent.ts'
import { requireCurrent } from './require-current.ts'
import type { Caller, Rooms } from './rooms.ts'
import { selectGrant } from './select-grant.ts'
import { loginHint } from './token-key.ts'

/**
 * Lifts the rules that are marked for it, for one grant, one class and a while, after
 * somebody said yes to exactly that. It gives nothing that was not granted at login, and
 * ends early with a lock, the grant, and any change of the rules.
 *
 * @throws GrantdError `invalid_request` when there is nothing to lift, `unknown_grant`,
 *   `login_required`, `vault_locked`, `config_invalid`, `audit_unavailable`, `unauthorized_peer`,
 *   and every code of a question to a person
 */
export async function breakGlass(
  rooms: Rooms,
  caller: Caller,
  request: BreakGlassRequest,
): Promise<BreakGlassDetail> {
  const { seconds, reason, class: ofClass = 'local' } = request
  rooms.requireConfig()
  const grant = living(selectGrant(rooms.vault().list(), { grant: request.grant }))
  const rules = rooms.policy.liftable(grant.name, ofClass)
  if (rules.length === 0)
    throw new GrantdError(
      'invalid_request',
      `no rule for "${grant.name}" and the class "${ofClass}" is marked "break_glass"`,
    )
  rooms.glass.requireRoom(grant.id)
  const lift = { grant: grant.name, grantId: grant.id, class: ofClass, seconds, reason, rules }
  const permission = await askAbout(
    rooms,
    caller,
    grant,
    {
      scope: [],
      audience: undefined,
      lifetimeSeconds: undefined,
      purpose: undefined,
      lifting: { class: ofClass, seconds, reason, rules },
    },
    'always',
  )
  const requireStanding = (): void => {
    rooms.requireConfig()
    living(requireCurrent(rooms, grant))
    if (!permission.stillStands('always'))
      throw new GrantdError('access_denied', 'what was asked about has changed; ask again')
    if (!caller.isSameProcess())
      throw new GrantdError('unauthorized_peer', 'the process that asked is gone')
    rooms.glass.requireRoom(grant.id)
  }
  requireStanding()
  const facts = { peer: caller.peer, grant: grant.name, grantId: grant.id, lifted: rules }
  const asked = { reason, class: ofClass, for: seconds }
  await rooms.audit.appendDurably({ event: 'break_glass.started', ...facts, request: asked })
  try {
    // the disk takes time
    requireStanding()
  } catch (error) {
    rooms.audit.append({
      event: 'break_glass.ended',
      ...facts,
      reason: 'withdrawn',
      request: asked,
    })
    throw error
  }
  return rooms.glass.begin(lift)
}

/**
 * Puts the rules back in force at once, also while the vault is locked.
 *
 * @param name Name of the grant.
 * @throws GrantdError `invalid_request` when nothing is lifted; `audit_unavailable`, and then
 *   it has ended all the same
 */
export function endBreakGlass(
  rooms: Pick<Rooms, 'glass'>,
  caller: Pick<Caller, 'peer'>,
  name: string,
): BreakGlassDetail {
  const ended = rooms.glass.close(name, caller.peer)
  if (ended === undefined)
    throw new GrantdError('invalid_request', `no rules are lifted for "${name}"`)
  return ended
}

function living(grant: Grant): Grant {
  const { kind } = grant.state
  if (kind === 'revoked' || kind === 'login_required')
    throw new GrantdError('login_required', `"${grant.name}" gives no tokens`, loginHint(grant))
  return grant
}
