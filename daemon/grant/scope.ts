/**
 * Scope tokens of a space-separated list, each once, in order of appearance.
 *
 * @see RFC 6749 §3.3
 */
export function parseScope(text: string): readonly string[] {
  return [...new Set(text.split(' ').filter((token) => token !== ''))]
}

/** Space-separated form. */
export function formatScope(scope: readonly string[]): string {
  return scope.join(' ')
}

/** Scope tokens of `asked` that are not in `granted`, in the order asked. */
export function scopeBeyond(
  asked: readonly string[],
  granted: readonly string[],
): readonly string[] {
  const has = new Set(granted)
  return asked.filter((token) => !has.has(token))
}

/** True when both hold the same tokens, in any order. */
export function isSameScope(one: readonly string[], other: readonly string[]): boolean {
  return scopeBeyond(one, other).length === 0 && scopeBeyond(other, one).length === 0
}

/** `openid` and `offline_access` steer the login itself; no resource server asks for them. */
const LOGIN_SCOPES = new Set(['openid', 'offline_access'])

/**
 * What of a scope is worth sending at refresh: without `openid` no ID token
 * comes back, so none can fail its validation after the refresh token was spent.
 */
export function withoutLoginScopes(scope: readonly string[]): readonly string[] {
  return scope.filter((token) => !LOGIN_SCOPES.has(token))
}
