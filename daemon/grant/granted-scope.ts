import type { Grant } from './grant.ts'

/**
 * What a grant holds for an audience.
 *
 * @param audience Resource indicator; absent for tokens without one.
 * @returns `undefined` when nothing was granted for it. Only what the login wrote
 *   counts: no name such as `constructor` is ever found by accident.
 */
export function grantedScope(
  grant: Pick<Grant, 'audiences' | 'scopes'>,
  audience: string | undefined,
): readonly string[] | undefined {
  if (audience !== undefined && !grant.audiences.includes(audience)) return undefined
  const key = audience ?? ''
  return Object.hasOwn(grant.scopes, key) ? grant.scopes[key] : undefined
}
