import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import { type FaultyProxy, startFaultyProxy } from './faulty-proxy.ts'
import { loadOidcProvider } from './load-oidc-provider.ts'
import { type ArtifactTable, artifactStore, usableRefreshTokens } from './oidc-store.ts'
import { RotationGrace } from './rotation-grace.ts'
import { seenAtTokenEndpoint, type TokenRequestSeen } from './token-log.ts'

/** First API of the issuer: JWT access tokens with this `aud`, scopes `repo:read repo:write`. */
export const API_A = 'https://api-a.example'

/** Second API of the issuer: JWT access tokens with this `aud`, scopes `issues:read issues:write`. */
export const API_B = 'https://api-b.example'

const API_SCOPES: Readonly<Record<string, string>> = {
  [API_A]: 'repo:read repo:write',
  [API_B]: 'issues:read issues:write',
}

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

/** How an issuer behaves; everything has a default. */
export interface IssuerOptions {
  /** Lifetime of access tokens in seconds, default 60. */
  readonly accessTokenSeconds?: number
  /** Lifetime of refresh tokens in seconds, default 3600. */
  readonly refreshTokenSeconds?: number
  /** Lifetime of a device code in seconds, default 60. */
  readonly deviceCodeSeconds?: number
  /** `interval` of device answers in seconds, default 0.05 so that no test waits. */
  readonly deviceIntervalSeconds?: number
  /** Without it nobody can register a client; default: everybody can. */
  readonly initialAccessToken?: string
  /** Whether a refresh gives a new refresh token and the old one ends the family, default true. */
  readonly rotates?: boolean
  /**
   * For how many seconds a refresh token that was used is answered once more with the same
   * answer, as many real issuers do; default 0: a second use ends the family at once.
   */
  readonly rotationGraceSeconds?: number
  /** Whether a token request ends the opaque access tokens of its grant, as some issuers do; default false. */
  readonly refreshEndsAccessTokens?: boolean
  /** Scopes that the first API has besides its own. */
  readonly moreScopes?: readonly string[]
}

/** A client of the issuer that has a secret. */
interface ConfidentialClient {
  readonly clientId: string
  readonly clientSecret: string
}

/** A running issuer. */
export interface TestIssuer {
  /** `http://127.0.0.1:port`; it is the proxy's address. */
  readonly issuer: string
  /** The public native client. */
  readonly clientId: string
  /** The same rights with `client_secret_basic`. */
  readonly confidential: ConfidentialClient
  /** Token requests in the order they were answered. */
  readonly log: readonly TokenRequestSeen[]
  /** How many token requests of a grant type were answered, refused ones too. */
  counts(grantType?: string): number
  /** Everything between the issuer and its clients goes through here. */
  readonly proxy: FaultyProxy
  readonly controls: IssuerControls
  close(): Promise<void>
}

/** The test's hand on the issuer. */
interface IssuerControls {
  /** Lifetime of the access tokens issued from now on, in seconds. */
  accessTokenSeconds(seconds: number): void
  /** A person leaves: every later refresh of theirs is `invalid_grant`. */
  disableAccount(account: string): void
  /** "Sign out everywhere": ends grants and tokens of a person. */
  endEverything(account: string): void
  /** The clients that registered themselves and were not deleted. */
  registeredClients(): readonly string[]
  /** RFC 7662: whether the issuer still honours a token. JWT access tokens are always `false` here. */
  isActive(token: string): Promise<boolean>
  /** How many refresh tokens of a person could still be used, whoever has them. */
  liveRefreshTokens(account: string): number
}

/**
 * Starts a real OpenID provider on 127.0.0.1 with its own login and consent
 * pages (any name and password log in; see `approve.ts`): device flow, code with
 * PKCE, rotation with family revocation, resource indicators, revocation,
 * introspection. Scopes without a resource give opaque tokens.
 */
export async function startOidcIssuer(options: IssuerOptions = {}): Promise<TestIssuer> {
  const { Provider, errors } = await loadOidcProvider()
  const proxy = await startFaultyProxy()
  const issuer = proxy.origin
  const table: ArtifactTable = new Map()
  const disabled = new Set<string>()
  const log: TokenRequestSeen[] = []
  const confidential = { clientId: 'grantd-confidential', clientSecret: secretText() }
  const resourceServer = { clientId: 'resource-server', clientSecret: secretText() }
  const interval = options.deviceIntervalSeconds ?? 0.05
  const more = [API_SCOPES[API_A], ...(options.moreScopes ?? [])]
  const apiScopes = { ...API_SCOPES, [API_A]: more.join(' ') }
  let accessTokenSeconds = options.accessTokenSeconds ?? 60

  const login = {
    application_type: 'native',
    redirect_uris: ['http://127.0.0.1/callback'],
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token', DEVICE_GRANT],
    id_token_signed_response_alg: 'ES256',
  }
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const provider = new Provider(issuer, {
    adapter: artifactStore(table, options.refreshEndsAccessTokens ?? false),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'test' }] },
    cookies: { keys: [secretText()] },
    scopes: ['openid', 'offline_access', 'email', ...Object.values(apiScopes).join(' ').split(' ')],
    claims: { openid: ['sub'], email: ['email'] },
    clients: [
      { ...login, client_id: 'grantd', token_endpoint_auth_method: 'none' },
      {
        ...login,
        client_id: confidential.clientId,
        client_secret: confidential.clientSecret,
        token_endpoint_auth_method: 'client_secret_basic',
      },
      {
        client_id: resourceServer.clientId,
        client_secret: resourceServer.clientSecret,
        redirect_uris: [],
        response_types: [],
        grant_types: [],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    features: {
      devInteractions: { enabled: true },
      deviceFlow: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      registration: { enabled: true, initialAccessToken: options.initialAccessToken ?? false },
      registrationManagement: { enabled: true, rotateRegistrationAccessToken: false },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        // Several audiences at login, one per token; a request without `resource` gets the first.
        defaultResource: (_: unknown, __: unknown, oneOf: unknown) =>
          Array.isArray(oneOf) ? oneOf[0] : oneOf,
        useGrantedResource: () => false,
        getResourceServerInfo: (_: unknown, resource: string) => {
          const scope = Reflect.get(apiScopes, resource) as string | undefined
          if (scope === undefined) throw new errors.InvalidTarget()
          return {
            scope,
            audience: resource,
            accessTokenTTL: accessTokenSeconds,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'ES256' } },
          }
        },
      },
    },
    ttl: {
      AccessToken: () => accessTokenSeconds,
      AuthorizationCode: 60,
      DeviceCode: options.deviceCodeSeconds ?? 60,
      Grant: 86_400,
      IdToken: 60,
      Interaction: 600,
      RefreshToken: options.refreshTokenSeconds ?? 3600,
      Session: 600,
    },
    rotateRefreshToken: options.rotates ?? true,
    issueRefreshToken: (
      _: unknown,
      client: { grantTypeAllowed(type: string): boolean },
      code: { scopes: Set<string> },
    ) => client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
    pkce: { required: () => true },
    findAccount: (_: unknown, sub: string) =>
      disabled.has(sub)
        ? undefined
        : { accountId: sub, claims: () => ({ sub, email: `${sub}@people.example` }) },
  })

  const grace = new RotationGrace((options.rotationGraceSeconds ?? 0) * 1000, table)
  provider.use(async (context, next) => {
    const repeated = await grace.repeat(context)
    if (repeated !== undefined) log.push(repeated)
    else await next()
    if (context.oidc?.route === 'token')
      log.push(grace.kept(seenAtTokenEndpoint(context), context.body))
    if (context.oidc?.route === 'device_authorization' && isRecord(context.body)) {
      if ('device_code' in context.body) context.body['interval'] = interval
    }
  })

  const server = createServer(provider.callback())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy.forwardTo((server.address() as AddressInfo).port)

  return {
    issuer,
    clientId: 'grantd',
    confidential,
    log,
    counts: (grantType) =>
      log.filter((entry) => grantType === undefined || entry.grantType === grantType).length,
    proxy,
    controls: {
      accessTokenSeconds(seconds) {
        accessTokenSeconds = seconds
      },
      disableAccount(account) {
        disabled.add(account)
      },
      endEverything(account) {
        for (const [key, artifact] of table) {
          if (artifact.accountId === account) table.delete(key)
        }
      },
      registeredClients: () =>
        [...table.keys()]
          .filter((key) => key.startsWith('Client:'))
          .map((key) => key.slice('Client:'.length)),
      async isActive(token) {
        const { clientId, clientSecret } = resourceServer
        const answer = await fetch(`${issuer}/token/introspection`, {
          method: 'POST',
          headers: {
            authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
          },
          body: new URLSearchParams({ token }),
        })
        const said: unknown = await answer.json()
        if (!isRecord(said) || typeof said['active'] !== 'boolean') {
          throw new Error(`introspection was answered ${answer.status}`)
        }
        return said['active']
      },
      liveRefreshTokens: (account) => usableRefreshTokens(table, account),
    },
    async close() {
      await proxy.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function secretText(): string {
  return randomBytes(24).toString('hex')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
