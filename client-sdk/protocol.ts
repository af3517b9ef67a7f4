/**
 * The wire contract, version 1: what the daemon and every client agree on.
 * The daemon imports this module of the SDK and no other.
 */
export { ERRORS, type ErrorCode, EXIT_UNREACHABLE, isErrorCode } from './error-codes.ts'
export { GrantdError, type ProblemExtras } from './grantd-error.ts'

/** The only accepted `Host` header: a browser tricked into calling us sends another one. */
export const HOST = 'grantd'

/** Longest request body in bytes; no request comes near it, a longer one is a mistake or an attack. */
export const MAX_BODY_BYTES = 65_536

/** Longest answer in bytes a client reads; a list of 10,000 grants stays below it. */
export const MAX_ANSWER_BYTES = 8_388_608

/** Longest socket path in bytes: `sun_path` less its NUL, Linux 107, macOS 103. */
export const MAX_SOCKET_PATH_BYTES = { linux: 107, darwin: 103 } as const

/** Patterns of every string a request may carry; sources of `RegExp`, used as JSON schema patterns too. */
export const PATTERNS = {
  /** Name of a grant: a file name, a word on a terminal, an argument of a command. */
  grantName: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
  /** `scope-token *( SP scope-token )`, RFC 6749 §3.3. */
  scope: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]+( [\\x21\\x23-\\x5b\\x5d-\\x7e]+)*$',
  /** A resource indicator: an absolute URI without fragment, RFC 8707 §2. */
  audience: '^[A-Za-z][A-Za-z0-9+.-]*:[\\x21\\x22\\x24-\\x7e]+$',
  /** Free text for prompts and the audit log: printable ASCII only, so that it cannot draw on a terminal. */
  purpose: '^[\\x20-\\x7e]{1,200}$',
  /** Why rules are lifted: printable ASCII that begins with a character to be seen. */
  reason: '^[\\x21-\\x7e][\\x20-\\x7e]{0,199}$',
  /** `rejected`: base64url of a SHA-256, without padding. */
  tokenHash: '^[A-Za-z0-9_-]{43}$',
  /** `client_id`: `VSCHAR`, RFC 6749 appendix A.1. */
  clientId: '^[\\x20-\\x7e]{1,512}$',
  /** A token that goes into one header. */
  bearerToken: '^[\\x21-\\x7e]{1,4096}$',
  /** `Grantd-Client: name/version`. */
  clientHeader: '^[A-Za-z0-9._-]{1,64}/[A-Za-z0-9._+-]{1,32}$',
  /** Identifier of a pending login. */
  loginId: '^[A-Za-z0-9_-]{22}$',
  /** A path as a kernel gives it, without controls. */
  absolutePath: '^/[^\\u0000-\\u001f\\u007f]+$',
  /** A systemd unit that processes live in. */
  unit: '^[\\x21-\\x2e\\x30-\\x7e]+\\.(?:service|scope)$',
  /** SHA-256 as `sha256sum` prints it. */
  sha256: '^[0-9a-f]{64}$',
  /** A time of today, or of the next such day: `23:10`, `sat 23:10`. */
  timeOfDay: '^(?:(?:sun|mon|tue|wed|thu|fri|sat) )?(?:[01]\\d|2[0-3]):[0-5]\\d$',
  /** A passphrase: whatever can be typed on one line. */
  passphrase: '^[^\\u0000-\\u001f\\u007f]+$',
  /** An absolute path in printable ASCII. */
  path: '^/[\\x20-\\x7e]*$',
} as const

/** Fewest and most characters of a passphrase that is chosen; the shortest a person may type is one. */
export const PASSPHRASE_LENGTH = { least: 8, most: 1024 } as const

/** Lifetimes of the tokens of a capability, in seconds. */
export const CAPABILITY_TTL_SECONDS = { least: 60, most: 3_600, usual: 300 } as const

/** How long a capability lives, in seconds: an evening's work unless said otherwise, a month at most. */
export const CAPABILITY_LIFE_SECONDS = { most: 2_592_000, usual: 43_200 } as const

/** Most uses that a capability can be given; who needs more gives it none at all to count. */
export const MAX_CAPABILITY_USES = 1_000_000

/** For how long rules may be lifted, in seconds: no shorter than it takes to use it, no longer than a repair. */
export const BREAK_GLASS_SECONDS = { least: 60, most: 3_600 } as const

/** Whose requests rules may be lifted for; root gets no tokens at all. */
export const BREAK_GLASS_CLASSES = ['local', 'relay', 'container', 'unidentified'] as const

/** Longest `scope` in characters. */
export const MAX_SCOPE_LENGTH = 4096

/** Longest audience or issuer in characters. */
export const MAX_URL_LENGTH = 1024

/** Longest rotation grace in seconds: 90 days, three times what any issuer is known to allow. */
export const MAX_ROTATION_GRACE_SECONDS = 7_776_000

/** Body of `POST /v1/token`. One of `grant` and `issuer` is needed. */
export interface TokenRequest {
  /** Name of the grant. */
  readonly grant?: string
  /** Issuer identifier; finds the grant when exactly one grant has it. */
  readonly issuer?: string
  /**
   * Space separated, RFC 6749 §3.3. Omitted: everything granted for the audience.
   * Less than that is refused unless the login stated `scope_narrowing` `honored`.
   */
  readonly scope?: string
  /** Resource indicator, RFC 8707. Omitted: the grant's first audience, if it has any. */
  readonly audience?: string
  /** Seconds the token must still live, 0 to 86,400. Default 0. */
  readonly min_ttl?: number
  /** base64url SHA-256 of a token that a resource server refused. */
  readonly rejected?: string
  /** What the token is for, shown in prompts and the audit log. */
  readonly purpose?: string
}

/** Answer of `POST /v1/token`. */
export interface TokenResponse {
  readonly access_token: string
  readonly token_type: 'Bearer' | 'DPoP'
  /** Whole seconds the token still lives. */
  readonly expires_in: number
  readonly scope: string
  readonly audience?: string
  readonly grant: string
  /** Rotations of the grant when this token was issued. */
  readonly generation: number
}

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

/** How a person logs in. */
export type LoginFlow = 'device' | 'browser'

/**
 * What the issuer does with a narrower `scope` at refresh: `honored` narrows this
 * token only, `ignored` answers with everything, `sticky` shrinks the grant for
 * good, `none` is unknown. Only `honored` is ever asked to narrow.
 */
export type ScopeNarrowing = 'honored' | 'ignored' | 'sticky' | 'none'

/** Body of `POST /v1/logins`. */
export interface LoginRequest {
  readonly grant: string
  readonly issuer: string
  /** Omitted: a client is registered at the issuer, or the registered one of the name is used. */
  readonly client_id?: string
  readonly client_secret?: string
  /** The initial access token of RFC 7591, where the issuer registers nobody without one. */
  readonly registration_token?: string
  readonly scope?: string
  readonly audience?: readonly string[]
  readonly flow: LoginFlow
  readonly scope_narrowing?: ScopeNarrowing
  /**
   * Seconds for which the issuer answers a used refresh token once more, 0 to
   * {@link MAX_ROTATION_GRACE_SECONDS}; absent when nobody knows.
   */
  readonly rotation_grace?: number
  /**
   * True where a refresh ends the access tokens handed out before it; default false. All
   * callers share one token then, so it takes one audience at most and no narrowing.
   */
  readonly refresh_invalidates_access_tokens?: boolean
}

/** Progress of a login: `POST /v1/logins`, `GET /v1/logins/:id`, `DELETE /v1/logins/:id`. */
export interface LoginView {
  readonly id: string
  readonly grant: string
  readonly flow: LoginFlow
  readonly state: 'pending' | 'complete' | 'failed' | 'cancelled'
  /** True when this login had been started by an earlier request. */
  readonly joined: boolean
  /** Device flow, RFC 8628 §3.2. */
  readonly verification_uri?: string
  readonly verification_uri_complete?: string
  readonly user_code?: string
  /** Browser flow: the authorization request to open. */
  readonly authorization_uri?: string
  /** Whole seconds until the login ends by itself. */
  readonly expires_in: number
  /** Present when `state` is `failed`. */
  readonly problem?: Problem
  /** Present when `state` is `complete`. */
  readonly result?: GrantDetail
  /** A sentence the person must read, such as that nothing is kept on disk. */
  readonly notice?: string
}

/** Answer of `POST /v1/grants/:grant/revoke`. */
export interface RevokeResponse extends RevocationFacts {
  readonly grant: string
  /** Until when tokens already handed out can still work; absent when none can. */
  readonly residual_until?: string
}

/** Who keeps the key that records are sealed with. */
export const VAULT_PROVIDERS = [
  'keychain',
  'kernel_keyring',
  'passphrase',
  'credential_file',
  'memory',
] as const

/** Name of a keeper of sealing keys. */
export type VaultProvider = (typeof VAULT_PROVIDERS)[number]

/** A record on disk that cannot be opened. */
export interface BrokenVaultRecord {
  /** Name of the file. */
  readonly file: string
  readonly reason: string
}

/** Answer of `GET /v1/vault`, and of every change to the vault: how it is then. */
export interface VaultStatus {
  readonly state: 'open' | 'locked'
  /** Absent before there is a key. */
  readonly provider?: VaultProvider
  /** Tells sealing keys apart and opens nothing: 16 hexadecimal digits. */
  readonly key_id?: string
  /** Sealed records, those that cannot be opened too. */
  readonly records: number
  readonly broken: readonly BrokenVaultRecord[]
  /** True while records lie under two keys: a rekey is under way, or has to be asked for again. */
  readonly rekey_unfinished: boolean
  /** Who or what keeps it locked; only a keeper that answers again opens it by itself. */
  readonly locked_by?: 'person' | 'idle' | 'keeper'
  /** What it takes to open it, where more is needed than `unlock` without a passphrase. */
  readonly needs?: 'passphrase' | 'init' | 'key'
  /** Why it is locked, in a sentence. */
  readonly reason?: string
  /** What helps. */
  readonly hint?: string
}

/** Body of `POST /v1/vault/unlock`. */
export interface VaultUnlockRequest {
  /** For a vault whose keeper is a passphrase. */
  readonly passphrase?: string
}

/** Body of `POST /v1/vault/rekey`. */
export interface VaultRekeyRequest {
  /** Omitted: the keeper stays, the key is a new one. */
  readonly provider?: VaultProvider
  /** The new one, where the keeper is a passphrase. */
  readonly passphrase?: string
}

/** Body of `POST /v1/vault/init`. */
export interface VaultInitRequest extends VaultRekeyRequest {
  /** True: sealed records that are there are deleted, and their refresh tokens live on at the issuers. */
  readonly discard_sealed?: boolean
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

/** Body of `POST /v1/capabilities`. */
export interface CapabilityRequest {
  readonly name: string
  readonly grant: string
  /** Space separated; omitted: everything granted for the audience. */
  readonly scope?: string
  /** Omitted: the grant's first audience, if it has any. */
  readonly audience?: string
  /** Seconds, 60 to 3,600. Default 300. */
  readonly max_ttl?: number
  /** Tokens in all; omitted: any number. */
  readonly uses?: number
  /** Seconds from now, up to 30 days. Default 12 hours. */
  readonly expires_in?: number
  /** Absolute path of the socket; omitted: beside the daemon's own. */
  readonly path?: string
  /** The capability ends with this process. */
  readonly bind_pid?: number
  /** Members of this group may use the socket too; needs `path`. */
  readonly gid?: number
}

/** How often a capability was used; a grant on `admin` has one of each of its own. */
export interface CapabilityUse {
  readonly name: string
  /** Tokens it gave. */
  readonly used: number
  /** Tokens it gives in all; absent: any number. */
  readonly uses?: number
}

/** A capability as the admin listener shows it; times are RFC 3339. */
export interface CapabilityDetail extends CapabilityUse {
  readonly grant: string
  readonly scope: string
  readonly audience?: string
  readonly max_ttl: number
  readonly created_at: string
  readonly expires_at: string
  /** Its socket. */
  readonly path: string
  readonly bound_pid?: number
  readonly gid?: number
}

/** `GET /v1/capabilities`. */
export interface CapabilityList {
  readonly capabilities: readonly CapabilityDetail[]
}

/** Body of `POST /v1/break-glass`. */
export interface BreakGlassRequest {
  readonly grant: string
  /** Why, for the prompt, the status and the audit log. */
  readonly reason: string
  /** Seconds, 60 to 3,600. */
  readonly seconds: number
  /** Whose requests; default `local`. */
  readonly class?: (typeof BREAK_GLASS_CLASSES)[number]
}

/** Rules that are lifted, or were until now; times are RFC 3339. */
export interface BreakGlassDetail {
  readonly grant: string
  readonly class: (typeof BREAK_GLASS_CLASSES)[number]
  readonly reason: string
  /** The rules, by their names in records. */
  readonly lifted: readonly string[]
  readonly started_at: string
  /** Whole seconds until it ends by itself. */
  readonly seconds_left: number
  /** Tokens that a rule would have refused or narrowed. */
  readonly used: number
}

/** Answer of `GET /v1/health`, on every listener. */
export interface Health {
  readonly status: 'ok' | 'degraded'
  readonly version: string
}

/** Answer of `GET /v1/status`, admin listener. */
export interface Status extends Health {
  readonly pid: number
  readonly started_at: string
  readonly vault: {
    readonly kind: 'sealed' | 'memory' | 'locked'
    /** One sentence for a person. */
    readonly detail: string
    /** What helps, while it is locked. */
    readonly hint?: string
  }
  readonly config: {
    readonly path: string
    readonly problem?: string
  }
  readonly grants: number
  readonly pending_logins: number
  readonly sockets: Readonly<Record<string, string>>
  /** Who bound them: a service manager, or the daemon itself (`none`). */
  readonly activation: 'systemd' | 'none'
  readonly connections: { readonly open: number; readonly refused_peers: number }
  readonly counters: Readonly<Record<string, number>>
  /** The last few, the newest first. */
  readonly recent_anomalies: readonly Anomaly[]
  /** Where rules are lifted; absent where none are. */
  readonly break_glass?: readonly BreakGlassDetail[]
}

/** Something out of the ordinary, as `status` shows it and a hook gets it. */
export interface Anomaly {
  /** RFC 3339. */
  readonly time: string
  /** As on the audit log. */
  readonly event: string
  /** In words of the daemon. */
  readonly reason: string
  readonly grant?: string
  readonly capability?: string
  readonly pid?: number
  readonly class?: string
  readonly executable?: string
}

/** One of the two configuration files, `GET /v1/policy`. */
export interface PolicyFile {
  readonly level: 'system' | 'user'
  readonly path: string
  /** As `sha256sum` prints it; absent where there is no file, or none that may be read. */
  readonly sha256?: string
  /** With path, line and column. */
  readonly problem?: string
}

/** Answer of `GET /v1/policy`: what is in force. */
export interface PolicyStatus {
  readonly files: readonly PolicyFile[]
  /** Whether rules of the user's file refuse or are tried out; absent while a file is broken. */
  readonly mode?: 'enforce' | 'audit'
  /** In the order of the files, the system's first; empty while one is broken. */
  readonly rules: readonly {
    readonly level: 'system' | 'user'
    readonly name: string
    readonly effect: string
  }[]
}

/** Body of `POST /v1/policy/check`. */
export interface PolicyCheckRequest {
  /** Text of a configuration file. */
  readonly text: string
  /** Whose file it is to be; default `user`. */
  readonly level?: 'system' | 'user'
}

/** Answer of `POST /v1/policy/check`. */
export interface PolicyCheckResponse {
  /** How many rules it has; absent when it is broken. */
  readonly rules?: number
  /** The first problem; absent when there is none. */
  readonly problem?: { readonly line: number; readonly column: number; readonly message: string }
}

/** Body of `POST /v1/policy/explain`: a process, by `pid` or by what it would be, and a token. */
export interface PolicyExplainRequest {
  readonly grant: string
  readonly scope?: string
  readonly audience?: string
  /** A process of the owner that runs; else `executable` is needed. */
  readonly pid?: number
  readonly executable?: string
  readonly executable_sha256?: string
  readonly unit?: string
  /** Default `local`. */
  readonly class?: 'local' | 'relay' | 'container' | 'root' | 'unidentified'
  /** Default: that of whoever asks. */
  readonly gid?: number
  /** Default `broker`, and `capability` with a capability. */
  readonly listener?: 'broker' | 'capability'
  readonly capability?: string
  /** Default: now. */
  readonly at?: string
}

/** Answer of `POST /v1/policy/explain`. */
export interface PolicyExplanation {
  /** Who the question was about. */
  readonly peer: {
    readonly class: string
    readonly gid: number
    readonly pid?: number
    readonly executable?: string
    readonly executable_sha256?: string
    readonly unit?: string
  }
  readonly decision: 'allow' | 'deny'
  /** The rule that decides; `built-in` for what needs no file. */
  readonly rule: string
  /** Why not. */
  readonly reason?: string
  /** Code that a request would be answered with. */
  readonly code?: string
  /** Rules that narrow it. */
  readonly limits?: readonly string[]
  /** The scope a token would have, unless the issuer cannot narrow it. */
  readonly scope?: string
  readonly max_lifetime?: number
  /** `never`, `once`, `always`, or a duration such as `15m`. */
  readonly consent?: string
  readonly rates?: readonly {
    readonly rule: string
    readonly tokens: number
    readonly seconds: number
  }[]
  readonly offline?: boolean
  /** What rules that are tried out would have refused. */
  readonly would_deny?: { readonly rule: string; readonly reason: string }
  /** What became of every rule. */
  readonly rules: readonly {
    readonly level: string
    readonly name: string
    readonly effect: string
    readonly verdict: string
    readonly why: string
  }[]
}

/** `application/problem+json`, RFC 9457. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly retry_after?: number
  readonly hint?: string
  /** The pending login of the grant; admin listener only. */
  readonly login?: {
    readonly verification_uri?: string
    readonly user_code?: string
  }
}
