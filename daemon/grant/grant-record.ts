import type { Secret } from '../base/secret.ts'
import type { Grant } from './grant.ts'

/** A grant with its secrets: opened for the length of one exchange, then wiped. */
export interface GrantRecord {
  readonly grant: Grant
  /** Absent on a tombstone. */
  readonly refreshToken?: Secret
  /** The one before, kept until the current one is proven by its use. */
  readonly previousRefreshToken?: Secret
  readonly clientSecret?: Secret
  /** PKCS #8, for sender-constrained grants. */
  readonly dpopKey?: Secret
  /** Access tokens that a revoked grant has still to end at its issuer, as `packTokens` wrote them. */
  readonly accessTokens?: Secret
  /** Manages the client that was registered for this machine, RFC 7592. */
  readonly registrationToken?: Secret
}

/** Overwrites every secret of an opened record. */
export function wipeRecord(record: GrantRecord): void {
  record.refreshToken?.wipe()
  record.previousRefreshToken?.wipe()
  record.clientSecret?.wipe()
  record.dpopKey?.wipe()
  record.accessTokens?.wipe()
  record.registrationToken?.wipe()
}
