import type { RevocationFacts } from './grants.ts'

/** Answer of `POST /v1/grants/:grant/revoke`. */
export interface RevokeResponse extends RevocationFacts {
  readonly grant: string
  /** Until when tokens already handed out can still work; absent when none can. */
  readonly residual_until?: string
}

/** A grant of which `POST /v1/revoke-all` cannot say that it has ended here and is on record. */
export interface RevokeAllFailure {
  readonly grant: string
  /** An error code, as in {@link Problem}; with `audit_unavailable` the grant has ended all the same. */
  readonly code: string
  readonly detail: string
}

/** Answer of `POST /v1/revoke-all`. */
export interface RevokeAllResponse {
  /** Grants that have ended here, those that newer logins had replaced too. */
  readonly grants: readonly RevokeResponse[]
  readonly failed: readonly RevokeAllFailure[]
  /** Sealed records that cannot be opened: whatever they hold is not revoked. */
  readonly broken: readonly { readonly file: string; readonly reason: string }[]
  readonly cancelled_logins: number
}
