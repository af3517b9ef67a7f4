/** Why the vault cannot be opened, in words of ours that may be shown, with what to do. */
export class VaultUnusableError extends Error {
  override readonly name = 'VaultUnusableError'
  readonly hint: string

  /** @param message Lower case, no full stop, names the thing in quotes; nothing that is secret. */
  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}
