import t, { type Test } from 'tap'
import { discoverIssuer } from '../../../daemon/issuer/discover.ts'
import { type CannedAnswer, startCannedServer } from '../../issuers/canned-server.ts'
import { LOOPBACK_ROOM } from '../../issuers/log-in.ts'
import { startOidcIssuer } from '../../issuers/oidc-issuer.ts'

const OIDC = '/.well-known/openid-configuration'
const OAUTH = '/.well-known/oauth-authorization-server'

/** Discovers at a server that answers by path; the callback gets the server's own address. */
async function discoverAt(
  t: Test,
  answers: (origin: string) => Readonly<Record<string, CannedAnswer>>,
) {
  const server = await startCannedServer(
    ({ path }) => answers(server.origin)[path] ?? { status: 404, body: '{}' },
  )
  t.teardown(() => server.close())
  return { found: await discoverIssuer(LOOPBACK_ROOM, server.origin), server }
}

function document(origin: string, more: object = {}): CannedAnswer {
  return {
    body: JSON.stringify({ issuer: origin, token_endpoint: `${origin}/token`, ...more }),
  }
}

t.test('a real issuer is found with what grantd uses of it', async (t) => {
  const real = await startOidcIssuer()
  t.teardown(() => real.close())
  const { issuer } = real
  t.strictSame(await discoverIssuer(LOOPBACK_ROOM, issuer), {
    kind: 'found',
    metadata: {
      token_endpoint: `${issuer}/token`,
      authorization_endpoint: `${issuer}/auth`,
      device_authorization_endpoint: `${issuer}/device/auth`,
      revocation_endpoint: `${issuer}/token/revocation`,
      introspection_endpoint: `${issuer}/token/introspection`,
      registration_endpoint: `${issuer}/reg`,
      jwks_uri: `${issuer}/jwks`,
      issuer,
      authorization_response_iss_parameter_supported: true,
      id_token_signing_alg_values_supported: ['ES256'],
      token_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_jwt',
        'client_secret_post',
        'private_key_jwt',
        'none',
      ],
    },
  })
})

t.test('an issuer without OpenID is found by RFC 8414', async (t) => {
  const elsewhere: readonly CannedAnswer[] = [
    { status: 404, body: '' },
    { status: 403, body: '{}' },
    { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>home</h1>' },
  ]
  for (const answer of elsewhere) {
    const { found, server } = await discoverAt(t, (origin) => ({
      [OIDC]: answer,
      [OAUTH]: document(origin),
    }))
    t.strictSame(found, {
      kind: 'found',
      metadata: { issuer: server.origin, token_endpoint: `${server.origin}/token` },
    })
  }
})

t.test('a document that cannot be used is refused whole', async (t) => {
  const table: readonly (readonly [(origin: string) => CannedAnswer, string])[] = [
    [
      (origin) => document(origin, { issuer: 'https://other.example' }),
      'metadata belongs to another issuer',
    ],
    [(origin) => document(origin, { token_endpoint: undefined }), 'metadata has no token endpoint'],
    [
      (origin) => document(origin, { revocation_endpoint: 'http://as.example/revoke' }),
      '"revocation_endpoint" of the metadata is not an https address',
    ],
    [
      (origin) => document(origin, { authorization_endpoint: 7 }),
      '"authorization_endpoint" of the metadata is not an https address',
    ],
    [() => ({ status: 500 }), 'status 500'],
    [() => ({ status: 302, headers: { location: '/elsewhere' } }), 'redirect refused'],
    [() => ({ body: '[]' }), 'answer is unusable'],
    [() => ({ status: 404 }), 'answer is unusable'],
  ]
  for (const [answer, reason] of table) {
    const { found } = await discoverAt(t, (origin) => ({ [OIDC]: answer(origin) }))
    t.strictSame(found, { kind: 'unusable', reason })
  }
  const { found, server } = await discoverAt(t, () => ({ [OIDC]: { status: 429 } }))
  t.match(found, { kind: 'retry_later' })
  t.equal(server.requests.length, 1, 'an issuer that is busy is not asked twice')
})

t.test('the address of a document is not asked, whomever it would name', async (t) => {
  const server = await startCannedServer(() => document('https://victim.example'))
  t.teardown(() => server.close())
  for (const path of [
    '/.well-known/openid-configuration',
    '/tenant/.well-known/oauth-authorization-server',
    '/\\.well-known/x',
    '/?issuer=x',
    '/?',
    '/#x',
  ]) {
    t.strictSame(await discoverIssuer(LOOPBACK_ROOM, server.origin + path), {
      kind: 'no_issuer',
      reason: 'issuer is an address with more than a path, or a document',
    })
  }
  t.strictSame(server.requests, [])
})

t.test('an issuer is named letter by letter, less a slash at its end', async (t) => {
  for (const [spelling, kind] of [
    ['', 'found'],
    ['/', 'found'],
    ['//', 'unusable'],
    ['/x', 'unusable'],
  ] as const) {
    const { found, server } = await discoverAt(t, (origin) => ({
      [OIDC]: document(origin, { issuer: origin + spelling }),
    }))
    t.match(found, { kind }, spelling)
    if (found.kind === 'found') t.equal(found.metadata.issuer, server.origin + spelling)
  }
  const { found } = await discoverAt(t, (origin) => ({
    [OIDC]: document(origin, { issuer: origin.replace('http', 'HTTP') }),
  }))
  t.match(found, { reason: 'metadata belongs to another issuer' }, 'also where the library is lax')
})

t.test('odd members are left out', async (t) => {
  const { found } = await discoverAt(t, (origin) => ({
    [OIDC]: document(origin, {
      id_token_signing_alg_values_supported: 'ES256',
      token_endpoint_auth_methods_supported: ['none', 7, 'two words'],
      authorization_response_iss_parameter_supported: 'yes',
    }),
  }))
  t.match(found, { kind: 'found', metadata: { token_endpoint_auth_methods_supported: ['none'] } })
  t.equal(
    found.kind === 'found' && found.metadata.authorization_response_iss_parameter_supported,
    undefined,
  )
})

t.test('only https is asked, and loopback where it was allowed', async (t) => {
  const room = { ...LOOPBACK_ROOM, allowLoopbackHttp: false }
  for (const issuer of ['http://127.0.0.1:9', 'http://as.example', 'as.example', '']) {
    t.strictSame(await discoverIssuer(room, issuer), {
      kind: 'no_issuer',
      reason: 'issuer is not an https address',
    })
  }
  const closed = await startCannedServer(() => ({}))
  await closed.close()
  t.strictSame(await discoverIssuer(LOOPBACK_ROOM, closed.origin), {
    kind: 'not_sent',
    reason: 'connection refused',
  })
  t.match(await discoverIssuer(room, 'https://nobody.invalid'), { kind: 'not_sent' })
})
