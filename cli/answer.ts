import { GrantdUnreachableError } from '@grantd/client/connection'

/** What tells versions apart. */
const HINT = 'grantd doctor'

/**
 * The daemon's answer as the wire contract types it, after a look at the members
 * the command cannot do without: the daemon may be of another version.
 *
 * @throws GrantdUnreachableError when one is missing
 */
export function answer<T extends object>(
  value: unknown,
  ...needed: readonly (keyof T & string)[]
): T {
  const missing = needed.find((key) => !(isObject(value) && Object.hasOwn(value, key)))
  if (missing !== undefined || !isObject(value)) {
    throw new GrantdUnreachableError(
      'malformed',
      `the daemon's answer has no "${missing ?? 'members'}"; it may be of another version`,
      HINT,
    )
  }
  return value as T
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
