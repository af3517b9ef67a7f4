/** The daemon could not be reached, or what answered is not a daemon of ours. */
export class GrantdUnreachableError extends Error {
  override readonly name = 'GrantdUnreachableError'
  /** `GRANTD_UNREACHABLE`, for callers that switch on `code`. */
  readonly code = 'GRANTD_UNREACHABLE'
}
