import { GrantdError } from './grantd-error.ts'
import { GrantdUnreachableError } from './unreachable.ts'

/**
 * True when the request that threw `error` may be sent again later without a
 * person's help; a `GrantdError` says after how many seconds in
 * `retryAfterSeconds`. False for every other thrown value.
 */
export function isRetryable(error: unknown): boolean {
  return (
    (error instanceof GrantdError || error instanceof GrantdUnreachableError) && error.isRetryable
  )
}
