import { EXIT_UNREACHABLE, GrantdError, GrantdUnreachableError } from '@grantd/client'

/** Exit status of the command after `error`: the code's own, 6 when no daemon answers, 1 otherwise. */
export function exitStatus(error: unknown): number {
  if (error instanceof GrantdError) return error.exitStatus
  if (error instanceof GrantdUnreachableError) return EXIT_UNREACHABLE
  return 1
}
