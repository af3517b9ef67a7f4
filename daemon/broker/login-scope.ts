import { parseScope, scopeBeyond, withoutLoginScopes } from '../grant/scope.ts'
import type { TokenAnswer } from '../issuer/issuer.ts'

/** What a login's answer is worth. */
export interface LoginScope {
  /** To be recorded as granted. */
  readonly granted: readonly string[]
  /** What came although nobody asked for it: named to the person, never used. */
  readonly beyond: readonly string[]
}

/**
 * A grant holds what was asked for and came. `openid` and `offline_access` steer the
 * login itself and count as asked; where nothing else was asked for, the issuer's own
 * choice is the grant.
 *
 * @param asked `scope` of the login request, if it had one.
 * @see RFC 6749 §3.3 (the issuer may answer with another scope), §5.1 (none means the one asked)
 */
export function loginScope(
  asked: string | undefined,
  answer: Pick<TokenAnswer, 'scope' | 'tokenScope'>,
): LoginScope {
  const wanted = parseScope(asked ?? '')
  const inToken = answer.tokenScope ?? []
  const came = answer.scope ?? (wanted.length > 0 ? wanted : inToken)
  if (withoutLoginScopes(wanted).length === 0) return { granted: came, beyond: [] }
  const beyond = withoutLoginScopes(scopeBeyond([...new Set([...came, ...inToken])], wanted))
  return { granted: scopeBeyond(came, beyond), beyond }
}
