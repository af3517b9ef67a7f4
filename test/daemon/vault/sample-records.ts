import fc from 'fast-check'
import { Secret } from '../../../daemon/base/secret.ts'
import type { Grant, GrantState } from '../../../daemon/grant/grant.ts'
import type { GrantRecord } from '../../../daemon/grant/grant-record.ts'

/** Stands for every secret: no file, message or log may contain it. */
export const CANARY = 'canary-7f3a9c51'

/** A grant that is active and was never used. */
export function sampleGrant(changes: Partial<Grant> = {}): Grant {
  return {
    id: 'AAAAAAAAAAAAAAAAAAAAAA',
    name: 'work',
    clientId: 'client',
    metadata: { issuer: 'https://id.example', token_endpoint: 'https://id.example/token' },
    flow: 'device',
    scopeNarrowing: 'none',
    refreshInvalidatesAccessTokens: false,
    scopes: { '': ['repo:read'] },
    audiences: [],
    generation: 1,
    state: { kind: 'active' },
    createdAt: 1_000,
    accessTokensExpireAt: 0,
    ...changes,
  }
}

/** A record of that grant with a refresh token in it. */
export function sampleRecord(changes: Partial<Grant> = {}, refreshToken = CANARY): GrantRecord {
  return { grant: sampleGrant(changes), refreshToken: Secret.fromText(refreshToken) }
}

const time = fc.nat()
const text = fc.string({ unit: 'binary' })
const texts = fc.array(text, { maxLength: 3 })
const intent = fc.record({ tokenHash: text, startedAt: time, attempt: fc.nat() })

const report = fc.record(
  {
    attempts: fc.nat(),
    nextAttemptAt: time,
    refreshToken: fc.constantFrom('revoked' as const, 'unsupported' as const),
    isVerified: fc.boolean(),
    accessTokens: fc.record({ revoked: fc.nat(), unsupported: fc.nat(), failed: fc.nat() }),
    client: fc.constantFrom('deleted' as const, 'kept' as const),
    problem: text,
  },
  { requiredKeys: ['attempts', 'isVerified', 'accessTokens'] },
)

const state: fc.Arbitrary<GrantState> = fc.oneof(
  fc.record({ kind: fc.constant('active' as const) }),
  fc.record({ kind: fc.constantFrom('refreshing' as const, 'in_doubt' as const), intent }),
  fc.record({ kind: fc.constant('login_required' as const), reason: text }),
  fc.record(
    {
      kind: fc.constant('revoked' as const),
      at: time,
      revocation: fc.constantFrom('none', 'queued', 'revoked_at_issuer', 'unsupported'),
      report,
    },
    { requiredKeys: ['kind', 'at', 'revocation'] },
  ),
)

const grant = fc.record(
  {
    id: fc.stringMatching(/^[A-Za-z0-9_-]{22}$/),
    name: text,
    clientId: text,
    registration: fc.oneof(
      fc.constant({}),
      fc.record({ managementUri: text }, { noNullPrototype: true }),
    ),
    metadata: fc.record(
      {
        issuer: text,
        token_endpoint: text,
        authorization_endpoint: text,
        device_authorization_endpoint: text,
        revocation_endpoint: text,
        introspection_endpoint: text,
        registration_endpoint: text,
        jwks_uri: text,
        authorization_response_iss_parameter_supported: fc.boolean(),
        id_token_signing_alg_values_supported: texts,
        answers: fc.constant('form' as const),
      },
      { requiredKeys: ['issuer', 'token_endpoint'] },
    ),
    subject: text,
    flow: fc.constantFrom('device', 'browser'),
    preset: fc.record({ name: text, values: fc.dictionary(text, text, { maxKeys: 2 }) }),
    scopeNarrowing: fc.constantFrom('honored', 'ignored', 'sticky', 'none'),
    refreshInvalidatesAccessTokens: fc.boolean(),
    rotationGraceSeconds: time,
    scopes: fc.dictionary(text, texts, { maxKeys: 3 }),
    audiences: texts,
    generation: fc.nat(),
    isRotating: fc.boolean(),
    state,
    bareRefusals: time,
    createdAt: time,
    lastRefreshedAt: time,
    lastUsedAt: time,
    usedBy: fc.array(fc.record({ executable: text, at: time }, { noNullPrototype: true }), {
      maxLength: 3,
    }),
    accessTokensExpireAt: time,
  },
  { noNullPrototype: true },
)

const secret = fc.uint8Array({ maxLength: 300 }).map((bytes) => Secret.take(Buffer.from(bytes)))

/** Any record there can be. */
export const anyRecord = fc.record(
  {
    grant,
    refreshToken: secret,
    previousRefreshToken: secret,
    clientSecret: secret,
    dpopKey: secret,
    accessTokens: secret,
    registrationToken: secret,
  },
  { requiredKeys: ['grant'] },
) as fc.Arbitrary<GrantRecord>

function hex(secret: Secret | undefined): string | undefined {
  return secret?.revealBytes().toString('hex')
}

/** A record with its secrets as hexadecimal, so that two can be compared. */
export function readable(record: GrantRecord): object {
  return {
    grant: record.grant,
    refreshToken: hex(record.refreshToken),
    previousRefreshToken: hex(record.previousRefreshToken),
    clientSecret: hex(record.clientSecret),
    dpopKey: hex(record.dpopKey),
    accessTokens: hex(record.accessTokens),
    registrationToken: hex(record.registrationToken),
  }
}

/** The same bytes with one bit turned over. */
export function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes)
  const at = bit >> 3
  copy.writeUInt8(copy.readUInt8(at) ^ (1 << (bit & 7)), at)
  return copy
}
