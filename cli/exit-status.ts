import {
  ERRORS,
  EXIT_UNREACHABLE,
  GrantdError,
  GrantdUnreachableError,
} from '@grantd/client/connection'
import { UsageError } from './usage-error.ts'

/**
 * Exit status of the command after `error`: the code's own, 2 for a wrong command
 * line, 6 when no daemon answers, 1 otherwise.
 */
export function exitStatus(error: unknown): number {
  if (error instanceof GrantdError) return error.exitStatus
  if (error instanceof UsageError) return ERRORS.invalid_request.exit
  if (error instanceof GrantdUnreachableError) return EXIT_UNREACHABLE
  return 1
}
