import {
  MAX_ROTATION_GRACE_SECONDS,
  MAX_SCOPE_LENGTH,
  MAX_URL_LENGTH,
  PASSPHRASE_LENGTH,
  PATTERNS,
  VAULT_PROVIDERS,
} from '@grantd/client/protocol'
import { MAX_LOGIN_WAIT_SECONDS } from '../base/limits.ts'

/** Strings as the wire defines them; patterns are ASCII, so lengths are bytes. */
const text = (pattern: string, maxLength: number) =>
  ({ type: 'string', pattern, maxLength }) as const

const grantName = text(PATTERNS.grantName, 64)
const scope = text(PATTERNS.scope, MAX_SCOPE_LENGTH)
const audience = text(PATTERNS.audience, MAX_URL_LENGTH)

/** An object with these members and no others. */
const closed = <P extends object>(properties: P, required: readonly (keyof P & string)[]) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
})

const anyString = { type: 'string' } as const
const anyInteger = { type: 'integer' } as const
const stringMap = { type: 'object', additionalProperties: { type: 'string' } } as const

/** `application/problem+json`, RFC 9457: the one shape of every error. */
const problem = closed(
  {
    type: anyString,
    title: anyString,
    status: anyInteger,
    code: anyString,
    detail: anyString,
    retry_after: anyInteger,
    hint: anyString,
    login: closed({ verification_uri: anyString, user_code: anyString }, []),
  },
  ['type', 'title', 'status', 'code', 'detail'],
)

/** Answers of a route: nothing leaves without a schema of its status class. */
export const answers = (ok: object) => ({ '2xx': ok, '4xx': problem, '5xx': problem })

/** The query string of a route that takes none; a route without a body schema takes no body either. */
export const noQuery = closed({}, [])

export const tokenRequest = {
  ...closed(
    {
      grant: grantName,
      issuer: audience,
      scope,
      audience,
      min_ttl: { type: 'integer', minimum: 0, maximum: 86_400 },
      rejected: text(PATTERNS.tokenHash, 43),
      purpose: text(PATTERNS.purpose, 200),
    },
    [],
  ),
  minProperties: 1,
}

export const tokenResponse = closed(
  {
    access_token: anyString,
    token_type: anyString,
    expires_in: anyInteger,
    scope: anyString,
    audience: anyString,
    grant: anyString,
    generation: anyInteger,
  },
  ['access_token', 'token_type', 'expires_in', 'scope', 'grant', 'generation'],
)

export const grantParams = closed({ grant: grantName }, ['grant'])

const summaryMembers = { grant: anyString, state: anyString }
export const grantSummaryList = closed(
  { grants: { type: 'array', items: closed(summaryMembers, ['grant', 'state']) } },
  ['grants'],
)

const tokenCounts = closed({ revoked: anyInteger, unsupported: anyInteger, failed: anyInteger }, [
  'revoked',
  'unsupported',
  'failed',
])

const revocationMembers = {
  revocation: anyString,
  verified: { type: 'boolean' },
  access_tokens: tokenCounts,
  registered_client: anyString,
  revocation_problem: anyString,
  next_attempt_at: anyString,
  residual_until: anyString,
} as const
const revocationNeeds = ['revocation', 'verified', 'access_tokens'] as const

export const grantDetail = closed(
  {
    ...summaryMembers,
    issuer: anyString,
    client_id: anyString,
    flow: anyString,
    scopes: stringMap,
    audiences: { type: 'array', items: anyString },
    scope_narrowing: anyString,
    rotation_grace: anyInteger,
    refresh_invalidates_access_tokens: { type: 'boolean' },
    generation: anyInteger,
    created_at: anyString,
    last_used_at: anyString,
    last_refreshed_at: anyString,
    reason: anyString,
    ...revocationMembers,
  },
  [
    'grant',
    'state',
    'issuer',
    'client_id',
    'flow',
    'scopes',
    'audiences',
    'scope_narrowing',
    'generation',
    'created_at',
    ...revocationNeeds,
  ],
)

const grantDetails = { type: 'array', items: grantDetail } as const
export const grantDetailList = closed({ grants: grantDetails, replaced: grantDetails }, [
  'grants',
  'replaced',
])

export const loginRequest = closed(
  {
    grant: grantName,
    issuer: audience,
    client_id: text(PATTERNS.clientId, 512),
    client_secret: text(PATTERNS.clientId, 512),
    registration_token: text(PATTERNS.bearerToken, 4096),
    scope,
    audience: { type: 'array', items: audience, maxItems: 16, uniqueItems: true },
    flow: { enum: ['device', 'browser'] },
    scope_narrowing: { enum: ['honored', 'ignored', 'sticky', 'none'] },
    rotation_grace: { type: 'integer', minimum: 0, maximum: MAX_ROTATION_GRACE_SECONDS },
    refresh_invalidates_access_tokens: { type: 'boolean' },
  },
  ['grant', 'issuer', 'flow'],
)

export const loginParams = closed({ id: text(PATTERNS.loginId, 22) }, ['id'])

/** Query strings are text: whole seconds of a long poll. */
const seconds = Array.from({ length: MAX_LOGIN_WAIT_SECONDS + 1 }, (_, second) => String(second))
export const loginQuery = closed({ wait: { enum: seconds } }, [])

export const loginView = closed(
  {
    id: anyString,
    grant: anyString,
    flow: anyString,
    state: anyString,
    joined: { type: 'boolean' },
    verification_uri: anyString,
    verification_uri_complete: anyString,
    user_code: anyString,
    authorization_uri: anyString,
    expires_in: anyInteger,
    problem,
    result: grantDetail,
    notice: anyString,
  },
  ['id', 'grant', 'flow', 'state', 'joined', 'expires_in'],
)

export const revokeResponse = closed({ grant: anyString, ...revocationMembers }, [
  'grant',
  ...revocationNeeds,
])

const brokenRecord = closed({ file: anyString, reason: anyString }, ['file', 'reason'])
export const vaultStatus = closed(
  {
    state: anyString,
    provider: anyString,
    key_id: anyString,
    records: anyInteger,
    broken: { type: 'array', items: brokenRecord },
    rekey_unfinished: { type: 'boolean' },
    locked_by: anyString,
    needs: anyString,
    reason: anyString,
    hint: anyString,
  },
  ['state', 'records', 'broken', 'rekey_unfinished'],
)

/** One that was chosen by other rules is still the one that opens. */
const passphrase = text(PATTERNS.passphrase, PASSPHRASE_LENGTH.most)
const newKeyMembers = {
  provider: { enum: VAULT_PROVIDERS },
  passphrase: { ...passphrase, minLength: PASSPHRASE_LENGTH.least },
}

export const vaultUnlockRequest = closed({ passphrase }, [])
export const vaultRekeyRequest = closed(newKeyMembers, [])
export const vaultInitRequest = closed(
  { ...newKeyMembers, discard_sealed: { type: 'boolean' } },
  [],
)

const revokeFailure = closed({ grant: anyString, code: anyString, detail: anyString }, [
  'grant',
  'code',
  'detail',
])
export const revokeAllResponse = closed(
  {
    grants: { type: 'array', items: revokeResponse },
    failed: { type: 'array', items: revokeFailure },
    broken: { type: 'array', items: brokenRecord },
    cancelled_logins: anyInteger,
  },
  ['grants', 'failed', 'broken', 'cancelled_logins'],
)

const healthMembers = { status: anyString, version: anyString }
export const health = closed(healthMembers, ['status', 'version'])

export const status = closed(
  {
    ...healthMembers,
    pid: anyInteger,
    started_at: anyString,
    vault: closed({ kind: anyString, detail: anyString, hint: anyString }, ['kind', 'detail']),
    config: closed({ path: anyString, problem: anyString }, ['path']),
    grants: anyInteger,
    pending_logins: anyInteger,
    sockets: stringMap,
    connections: closed({ open: anyInteger, refused_peers: anyInteger }, ['open', 'refused_peers']),
    counters: { type: 'object', additionalProperties: { type: 'integer' } },
  },
  [
    'status',
    'version',
    'pid',
    'started_at',
    'vault',
    'config',
    'grants',
    'pending_logins',
    'sockets',
    'connections',
    'counters',
  ],
)
