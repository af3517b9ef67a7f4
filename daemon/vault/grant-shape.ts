import type {
  Grant,
  GrantPreset,
  GrantState,
  IssuerMetadata,
  RefreshIntent,
  RevocationReport,
  TokenCounts,
} from '../grant/grant.ts'
import type { UsedBy } from '../grant/used-by.ts'

type Check = (value: unknown) => boolean

/** One check per member of `T`: a member added to a type without a check does not compile. */
type Members<T> = { readonly [Name in keyof Required<T>]: Check }

const METADATA: Members<IssuerMetadata> = {
  issuer: isText,
  token_endpoint: isText,
  authorization_endpoint: optional(isText),
  device_authorization_endpoint: optional(isText),
  revocation_endpoint: optional(isText),
  introspection_endpoint: optional(isText),
  registration_endpoint: optional(isText),
  jwks_uri: optional(isText),
  authorization_response_iss_parameter_supported: optional(isBoolean),
  id_token_signing_alg_values_supported: optional(isTextList),
  token_endpoint_auth_methods_supported: optional(isTextList),
  answers: optional(oneOf('form')),
}

const INTENT: Members<RefreshIntent> = {
  tokenHash: isText,
  startedAt: isNumber,
  attempt: isNumber,
}

const COUNTS: Members<TokenCounts> = {
  revoked: isNumber,
  unsupported: isNumber,
  failed: isNumber,
}

const REPORT: Members<RevocationReport> = {
  attempts: isNumber,
  nextAttemptAt: optional(isNumber),
  refreshToken: optional(oneOf('revoked', 'unsupported')),
  isVerified: isBoolean,
  accessTokens: shape(COUNTS),
  client: optional(oneOf('deleted', 'kept', 'unsupported', 'refused')),
  problem: optional(isText),
}

const PRESET: Members<GrantPreset> = { name: isText, values: isTextMap }

const USED_BY: Members<UsedBy> = { executable: isText, at: isNumber }

const STATES: { readonly [Kind in GrantState['kind']]: Check } = {
  active: shape({ kind: isText }),
  refreshing: shape({ kind: isText, intent: shape(INTENT) }),
  in_doubt: shape({ kind: isText, intent: shape(INTENT) }),
  login_required: shape({ kind: isText, reason: isText }),
  revoked: shape({
    kind: isText,
    at: isNumber,
    revocation: oneOf('none', 'queued', 'revoked_at_issuer', 'unsupported', 'uncertain'),
    reason: optional(isText),
    intent: optional(shape(INTENT)),
    report: optional(shape(REPORT)),
  }),
}

const GRANT: Members<Grant> = {
  id: isText,
  name: isText,
  clientId: isText,
  registration: optional(shape({ managementUri: optional(isText) })),
  metadata: shape(METADATA),
  subject: optional(isText),
  flow: oneOf('device', 'browser'),
  preset: optional(shape(PRESET)),
  scopeNarrowing: oneOf('honored', 'ignored', 'sticky', 'none'),
  refreshInvalidatesAccessTokens: isBoolean,
  rotationGraceSeconds: optional(isNumber),
  scopes: (value) => isObject(value) && Object.values(value).every(isTextList),
  audiences: isTextList,
  generation: isNumber,
  isRotating: optional(isBoolean),
  state: isState,
  bareRefusals: optional(isNumber),
  createdAt: isNumber,
  lastRefreshedAt: optional(isNumber),
  lastUsedAt: optional(isNumber),
  usedBy: optional((value) => Array.isArray(value) && value.every(shape(USED_BY))),
  accessTokensExpireAt: isNumber,
}

const isWholeGrant = shape(GRANT)

/**
 * True for exactly what a {@link Grant} of this version is: every member of its
 * type, and none that is unknown.
 */
export function isGrant(value: unknown): value is Grant {
  return isWholeGrant(value)
}

function isState(value: unknown): boolean {
  if (!isObject(value)) return false
  const { kind } = value
  return typeof kind === 'string' && Object.hasOwn(STATES, kind)
    ? STATES[kind as GrantState['kind']](value)
    : false
}

function shape(members: Readonly<Record<string, Check>>): Check {
  return (value) =>
    isObject(value) &&
    Object.keys(value).every((name) => Object.hasOwn(members, name)) &&
    Object.entries(members).every(([name, check]) => check(value[name]))
}

function optional(check: Check): Check {
  return (value) => value === undefined || check(value)
}

function oneOf(...words: readonly string[]): Check {
  return (value) => typeof value === 'string' && words.includes(value)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean'
}

function isNumber(value: unknown): boolean {
  return Number.isFinite(value)
}

function isTextMap(value: unknown): boolean {
  return isObject(value) && Object.values(value).every(isText)
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText)
}
