/**
 * The wire contract, version 1: what the daemon and every client agree on.
 * The daemon imports this module of the SDK and no other.
 */
import type { BreakGlassClass } from './wire/break-glass.ts'
import type { VaultProvider } from './wire/vault.ts'

export { ERRORS, type ErrorCode, EXIT_UNREACHABLE, isErrorCode } from './error-codes.ts'
export { GrantdError, type ProblemExtras } from './grantd-error.ts'
export type * from './wire/break-glass.ts'
export type * from './wire/capabilities.ts'
export type * from './wire/grants.ts'
export type * from './wire/logins.ts'
export type * from './wire/policy.ts'
export type * from './wire/presets.ts'
export type * from './wire/problem.ts'
export type * from './wire/revocations.ts'
export type * from './wire/status.ts'
export type * from './wire/tokens.ts'
export type * from './wire/vault.ts'

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
  /** Name of a preset: a file name, and a word on a command line. */
  presetName: '^[a-z0-9][a-z0-9-]{0,63}$',
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
export const BREAK_GLASS_CLASSES = [
  'local',
  'relay',
  'container',
  'unidentified',
] as const satisfies readonly BreakGlassClass[]

/** Longest `scope` in characters. */
export const MAX_SCOPE_LENGTH = 4096

/** Longest audience or issuer in characters. */
export const MAX_URL_LENGTH = 1024

/** Longest rotation grace in seconds: 90 days, three times what any issuer is known to allow. */
export const MAX_ROTATION_GRACE_SECONDS = 7_776_000

/** Every keeper of sealing keys. */
export const VAULT_PROVIDERS = [
  'keychain',
  'kernel_keyring',
  'passphrase',
  'credential_file',
  'memory',
] as const satisfies readonly VaultProvider[]
