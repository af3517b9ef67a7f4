import { GrantdError } from '@grantd/client/protocol'
import type { ConsentWish } from '../consent/choice.ts'
import type { ConsentQuestion, Permission } from '../consent/consent.ts'
import type { Grant } from '../grant/grant.ts'
import type { Target } from '../policy/narrow-scope.ts'
import { requireCurrent } from './require-current.ts'
import type { Caller, Rooms } from './rooms.ts'

/** What somebody has to allow. */
export interface ConsentMatter {
  readonly grant: Grant
  readonly target: Pick<Target, 'scope' | 'audience'>
  readonly wish: ConsentWish
  /** The rule's cap of a token's life. */
  readonly maxLifetimeSeconds: number | undefined
  /** The caller's word. */
  readonly purpose: string | undefined
}

/**
 * Asks the person, or finds that they were asked. Nobody else waits meanwhile.
 *
 * @returns The permission; it has to be looked at again before a token leaves.
 * @throws GrantdError `consent_denied`, `consent_unavailable`, `rate_limited`, `overloaded`,
 *   `audit_unavailable`; `vault_locked`, `login_required` or `access_denied` when what was asked about changed
 */
export async function requireConsent(
  rooms: Rooms,
  caller: Caller,
  matter: ConsentMatter,
): Promise<Permission> {
  const { grant, target, wish, maxLifetimeSeconds, purpose } = matter
  const cap = rooms.lifetimeOf(grant.name).accessTokenSeconds
  const lifetimeSeconds = least(maxLifetimeSeconds, cap)
  const { scope, audience } = target
  return await askAbout(rooms, caller, grant, { scope, audience, lifetimeSeconds, purpose }, wish)
}

/** The part of a question that says what is wanted. */
type Wanted = Pick<
  ConsentQuestion,
  'scope' | 'audience' | 'lifetimeSeconds' | 'purpose' | 'lifting'
>

/**
 * Asks the person about a grant, as the caller that the kernel names.
 *
 * @throws GrantdError as `requireConsent`
 */
export async function askAbout(
  rooms: Rooms,
  caller: Caller,
  grant: Grant,
  wanted: Wanted,
  wish: ConsentWish,
): Promise<Permission> {
  const question = {
    peer: caller.peer,
    ancestors: () => caller.inquiry.ancestors(),
    listener: caller.capability === undefined ? caller.listener : `capability ${caller.capability}`,
    grant: grant.name,
    grantId: grant.id,
    ...wanted,
  }
  const answer = await rooms.consent.ask(question, wish, caller)
  switch (answer.kind) {
    case 'allowed':
      return answer
    case 'denied':
      throw new GrantdError('consent_denied', answer.reason)
    case 'unavailable':
      throw new GrantdError('consent_unavailable', `nobody can be asked: ${answer.reason}`)
    case 'withdrawn':
      break
  }
  // a lock and a revocation say so themselves
  requireCurrent(rooms, grant)
  throw new GrantdError('access_denied', 'what was asked about has changed; ask again')
}

function least(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return Math.min(one, other)
}
