/** Why the daemon does not start: printed without a stack, with what to do. */
export class StartupError extends Error {
  override readonly name = 'StartupError'
  readonly hint: string | undefined

  /** @param message Lower case, no full stop, names the thing in quotes. */
  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}
