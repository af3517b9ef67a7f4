import type { CapabilityUse } from './capabilities.ts'
import type { LoginFlow, ScopeNarrowing } from './logins.ts'

/** State of a grant as every caller may see it. */
export type GrantStateName = 'active' | 'in_doubt' | 'login_required' | 'revoked'

/** One grant as the broker listener shows it. */
export interface GrantSummary {
  readonly grant: string
  readonly state: GrantStateName
}

/**
 * What became of a revocation at the issuer. `uncertain`: it was accepted, but an
 * answer had been lost before, and a newer refresh token may live at the issuer.
 */
export type RevocationState = 'none' | 'queued' | 'revoked_at_issuer' | 'unsupported' | 'uncertain'

/** What became of the access tokens the daemon knew when a grant was revoked. */
export interface AccessTokenCounts {
  readonly revoked: number
  /** The issuer revokes none of this type: they work until they expire. */
  readonly unsupported: number
  /** Refused, or not told about yet. */
  readonly failed: number
}

/** What became of a revocation at the issuer, and what it said itself. */
export interface RevocationFacts {
  readonly revocation: RevocationState
  /** True when the issuer's own introspection calls every token inactive that it revoked, RFC 7662. */
  readonly verified: boolean
  readonly access_tokens: AccessTokenCounts
  /** What became of the client that was registered for this machine; `kept`: a newer login has it. */
  readonly registered_client?: 'deleted' | 'kept' | 'unsupported' | 'refused'
  /** What is not as it should be, or what is not known, in words of the daemon. */
  readonly revocation_problem?: string
  /** When the daemon tries again by itself; only while it is queued. RFC 3339. */
  readonly next_attempt_at?: string
}

/** One grant as the admin listener shows it; times are RFC 3339. */
export interface GrantDetail extends GrantSummary, RevocationFacts {
  readonly issuer: string
  readonly client_id: string
  /** Whom the issuer's ID token named at login, `sub`; absent when it sent none, or one that did not hold. */
  readonly subject?: string
  readonly flow: LoginFlow
  /** With which preset it was logged in, and the values it was told; absent for none. */
  readonly preset?: string
  readonly preset_values?: Readonly<Record<string, string>>
  /** Granted scopes per audience; the key is empty for tokens without an audience. */
  readonly scopes: Readonly<Record<string, string>>
  readonly audiences: readonly string[]
  readonly scope_narrowing: ScopeNarrowing
  /** As the login stated it; absent when it did not. */
  readonly rotation_grace?: number
  /** Present where a refresh ends earlier access tokens. */
  readonly refresh_invalidates_access_tokens?: true
  readonly generation: number
  readonly created_at: string
  readonly last_used_at?: string
  readonly last_refreshed_at?: string
  /** Why the grant is not active, in a few words. */
  readonly reason?: string
  /** Until when tokens already handed out can still work. */
  readonly residual_until?: string
  /** Programs that got a token of it, the newest first, sixteen at most; absent when none is known. */
  readonly used_by?: readonly { readonly executable: string; readonly last_used_at: string }[]
  /** What makes it worth more to a thief than it has to be; absent when nothing does. */
  readonly exposure?: readonly Exposure[]
  /** Sockets that give tokens of it; absent when there are none. */
  readonly capabilities?: readonly CapabilityUse[]
}

/**
 * `non_rotating`: the last refresh brought no new refresh token. `never_expiring`: the
 * configuration sets it no age. `unused_30d`: no token left for 30 days. `older_than_policy`:
 * it has outlived its age, and ends with the next tick.
 */
export type Exposure = 'non_rotating' | 'never_expiring' | 'unused_30d' | 'older_than_policy'

/** `GET /v1/grants` on the broker listener. */
export interface GrantList<G extends GrantSummary = GrantSummary> {
  readonly grants: readonly G[]
}

/** `GET /v1/grants` on the admin listener. */
export interface GrantInventory extends GrantList<GrantDetail> {
  /** Earlier logins of a name whose revocation has still to reach the issuer. */
  readonly replaced: readonly GrantDetail[]
}
