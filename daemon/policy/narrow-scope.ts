import { GrantdError } from '@grantd/client/protocol'
import type { Grant } from '../grant/grant.ts'
import { grantedScope } from '../grant/granted-scope.ts'
import { isSameScope, parseScope, scopeBeyond, withoutLoginScopes } from '../grant/scope.ts'
import { beyondCap } from './terms.ts'

/** What a token is asked for, after defaults, and how the issuer is asked. */
export interface Target {
  readonly audience: string | undefined
  /** The widest scope the token may have. */
  readonly scope: readonly string[]
  /** `scope` parameter of the exchange; absent: none is sent. */
  readonly sentScope: readonly string[] | undefined
}

/**
 * Compares a request with what was granted, before anything is sent: some issuers
 * spend the refresh token before they refuse a scope or resource.
 *
 * A narrower scope is sent only where the issuer is known to honour it, and a second token
 * does not end the first; elsewhere it is refused rather than answered with a broader token.
 *
 * @param cap What the rules give at most: the default scope of whoever asks without one.
 * @throws GrantdError `invalid_target`, `invalid_scope`, `access_denied` when a token would
 *   be broader than the cap
 * @see RFC 6749 §6, RFC 8707 §2.2
 */
export function narrowScope(grant: Grant, request: Wanted, cap?: readonly string[]): Target {
  const { scope, audience } = request
  const last = recent.get(grant)
  if (last !== undefined && last.scope === scope && last.audience === audience && last.cap === cap)
    return last.target
  const target = narrow(grant, request, cap)
  recent.set(grant, { scope, audience, cap, target })
  return target
}

/** The part of a request that is compared with a grant. */
interface Wanted {
  readonly scope?: string | undefined
  readonly audience?: string | undefined
}

/** What was asked of a grant last: most callers want the same, again and again. */
const recent = new WeakMap<
  Grant,
  Required<Wanted> & { readonly cap: readonly string[] | undefined; readonly target: Target }
>()

function narrow(grant: Grant, request: Wanted, cap: readonly string[] | undefined): Target {
  const audience = request.audience ?? grant.audiences[0]
  const granted = grantedScope(grant, audience)
  if (granted === undefined)
    throw new GrantdError(
      'invalid_target',
      `the grant "${grant.name}" has no audience "${audience ?? ''}"`,
    )
  const tooMuch = beyondCap(granted, cap)
  const scope =
    request.scope === undefined ? scopeBeyond(granted, tooMuch) : parseScope(request.scope)
  const beyond = scopeBeyond(scope, granted)
  if (beyond.length > 0)
    throw new GrantdError(
      'invalid_scope',
      `"${beyond.join(' ')}" was not granted to "${grant.name}"`,
    )
  const worth = withoutLoginScopes(scope)
  const whole = withoutLoginScopes(granted)
  if (grant.scopeNarrowing === 'honored' && !grant.refreshInvalidatesAccessTokens) {
    // an exchange without a scope brings a token with everything
    if (worth.length === 0 && whole.length > 0)
      throw new GrantdError('invalid_scope', `"${scope.join(' ')}" alone is no scope of a token`)
    return { audience, scope, sentScope: worth.length > 0 ? worth : undefined }
  }
  if (tooMuch.length > 0)
    throw new GrantdError(
      'access_denied',
      `the rules give less than a token of "${grant.name}" has, and it cannot be narrowed`,
    )
  if (!isSameScope(worth, whole))
    throw new GrantdError(
      'invalid_scope',
      grant.refreshInvalidatesAccessTokens
        ? `all callers share one token of "${grant.name}"; ask without a scope`
        : `the issuer of "${grant.name}" is not known to narrow tokens; ask without a scope`,
    )
  return { audience, scope: granted, sentScope: undefined }
}
