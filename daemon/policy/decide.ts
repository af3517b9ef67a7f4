import { GrantdError } from '@grantd/client/protocol'
import type { Grant } from '../grant/grant.ts'
import { grantedScope } from '../grant/granted-scope.ts'
import { scopeBeyond } from '../grant/scope.ts'
import type { Peer } from '../peer/peer.ts'

/** The rights a socket carries. */
export type ListenerRole = 'broker' | 'admin'

/** Who asks for a token of which grant, and where. */
export interface PolicyQuestion {
  readonly peer: Peer
  readonly listener: ListenerRole
  readonly grant: Grant
  readonly scope: readonly string[]
  readonly audience: string | undefined
}

/** What policy gives, with the rule that gave it. */
export type Decision =
  | {
      readonly kind: 'allow'
      readonly rule: string
      /** Longest life of a token in seconds; absent: the issuer's own. */
      readonly maxLifetimeSeconds?: number
      readonly consent: 'never' | 'always'
    }
  | {
      readonly kind: 'deny'
      readonly rule: string
      readonly code: 'access_denied' | 'unauthorized_peer'
      readonly reason: string
    }

/**
 * The admin listener is for the owner's own processes beside the daemon, whatever any
 * rule says, and only while they live: a pid can be given to another process. On the
 * broker listener every verb decides for itself.
 *
 * @throws GrantdError `unauthorized_peer`
 */
export function requireListenerRight(caller: {
  readonly peer: Peer
  readonly listener: ListenerRole
  /** True while the process that connected still lives. */
  isSameProcess(): boolean
}): void {
  const { peer, listener } = caller
  if (listener !== 'admin') return
  if (peer.class !== 'local')
    throw new GrantdError(
      'unauthorized_peer',
      `the admin listener is not for the class "${peer.class}"`,
    )
  if (!caller.isSameProcess())
    throw new GrantdError('unauthorized_peer', 'the process that asked is gone')
}

/**
 * The built-in rule: processes of the owner, running beside the daemon, may have
 * the granted scopes of a grant on the broker listener; nothing else.
 */
export function decide(question: PolicyQuestion): Decision {
  const { peer, listener, grant, scope, audience } = question
  const rule = 'built-in'
  if (listener !== 'broker')
    return {
      kind: 'deny',
      rule,
      code: 'unauthorized_peer',
      reason: `no tokens on the "${listener}" listener`,
    }
  if (peer.class !== 'local')
    return {
      kind: 'deny',
      rule,
      code: 'unauthorized_peer',
      reason: `no rule names the class "${peer.class}"`,
    }
  const granted = grantedScope(grant, audience)
  if (granted !== undefined && scopeBeyond(scope, granted).length === 0)
    return { kind: 'allow', rule, consent: 'never' }
  const what = granted === undefined ? 'audience' : 'scope'
  return { kind: 'deny', rule, code: 'access_denied', reason: `the ${what} goes beyond the grant` }
}
