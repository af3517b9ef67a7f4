import type { LoginView } from '@grantd/client/protocol'

/** What became of a login whose command was interrupted. */
export type LeftLogin =
  | { readonly kind: 'detached' }
  | { readonly kind: 'cancelled'; readonly view: LoginView }
  | { readonly kind: 'stays'; readonly detail: string }

/** How a login is told: to a person (`login-terminal.ts`) or to a program (`login-json.ts`). */
export interface LoginReport {
  /**
   * Whether a login somebody else started is to be followed.
   *
   * @returns undefined when `signal` ended the question.
   */
  joins(login: LoginView, signal: AbortSignal): Promise<boolean | undefined>
  started(login: LoginView): Promise<void>
  progress(login: LoginView): void
  /** The login is over: complete, failed or cancelled. */
  ended(login: LoginView): void
  interrupted(left: LeftLogin): void
  /** Always the last call; takes away what is still being drawn. */
  end(): void
}
