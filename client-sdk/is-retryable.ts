import { GrantdError } from './grantd-error.ts'
import { GrantdUnreachableError } from './unreachable.ts'

/**
 * True when the request that threw `error` may be sent again later without a
 * person's help, after `retryAfterSeconds` where the daemon stated them. False for
 * every other thrown value.
 */
export function isRetryable(error: unknown): error is GrantdError | GrantdUnreachableError {
  return (
    (error instanceof GrantdError || error instanceof GrantdUnreachableError) && error.isRetryable
  )
}
