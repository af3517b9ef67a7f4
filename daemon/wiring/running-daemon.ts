/** A daemon that answers. */
export interface RunningDaemon {
  readonly sockets: { readonly broker: string; readonly admin: string }
  /**
   * Looks at what must work: a sealed record still opens.
   *
   * @returns One sentence about the vault, for a person.
   * @throws unknown where it does not
   */
  check(): string
  /** Resolves when nobody has asked for as long as the configuration says, and nothing would be lost. */
  readonly idle: Promise<void>
  /** Reads the configuration anew, at once. @throws GrantdError `audit_unavailable` */
  reload(): void
  /**
   * Stops listening, ends what is under way, closes the vault.
   *
   * @param reason A word for the record, such as the signal.
   */
  close(reason: string): Promise<void>
}
