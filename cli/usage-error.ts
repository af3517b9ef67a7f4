/** The command line is wrong: exit status 2 and a one-line usage. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  /** What may have been meant. */
  readonly hint: string | undefined

  /** @param message Lower case, no full stop. */
  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}
