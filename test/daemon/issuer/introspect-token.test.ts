import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { introspectToken } from '../../../daemon/issuer/introspect-token.ts'
import { revokeToken } from '../../../daemon/issuer/revoke-token.ts'
import { type CannedAnswer, startCannedServer } from '../../issuers/canned-server.ts'
import { clientOf, LOOPBACK_ROOM, logIn } from '../../issuers/log-in.ts'
import { startOidcIssuer } from '../../issuers/oidc-issuer.ts'

t.test('a real issuer tells its clients, public ones too, which tokens live', async (t) => {
  const issuer = await startOidcIssuer()
  t.teardown(() => issuer.close())
  for (const kind of ['public', 'confidential'] as const) {
    const client = await clientOf(issuer, kind)
    const { answer, refreshToken } = await logIn(client, [])
    const accessToken = Secret.fromText(answer.accessToken)
    for (const expected of ['active', 'inactive'] as const) {
      for (const [token, hint] of [
        [refreshToken, 'refresh_token'],
        [accessToken, 'access_token'],
      ] as const) {
        const said = await introspectToken(LOOPBACK_ROOM, client, token, hint)
        t.strictSame(said, { kind: expected }, `${kind} ${hint}`)
      }
      await revokeToken(LOOPBACK_ROOM, client, refreshToken, 'refresh_token')
      await revokeToken(LOOPBACK_ROOM, client, accessToken, 'access_token')
    }
  }
})

t.test('only a clear no counts as one', async (t) => {
  let said: CannedAnswer | undefined
  const server = await startCannedServer(() => said)
  t.teardown(() => server.close())
  const metadata = {
    issuer: server.origin,
    token_endpoint: `${server.origin}/token`,
    introspection_endpoint: `${server.origin}/introspect`,
  }
  const clientSecret = Secret.fromText('hush-hush-canary')
  const ask = () =>
    introspectToken(
      LOOPBACK_ROOM,
      { clientId: 'me', metadata, clientSecret },
      Secret.fromText('RT-canary'),
      'refresh_token',
    )
  const table: readonly (readonly [CannedAnswer | undefined, object])[] = [
    [{ body: '{"active":false}' }, { kind: 'inactive' }],
    [{ body: '{"active":true,"scope":"a"}' }, { kind: 'active' }],
    [{ body: '{"active":false,"token":"RT-canary"}' }, { kind: 'inactive' }],
    [{ body: '{"active":"false"}' }, { kind: 'failed', reason: 'answer is unusable' }],
    [{ body: '{}' }, { kind: 'failed', reason: 'answer is unusable' }],
    [{ body: '{"active":fal' }, { kind: 'failed', reason: 'answer is unusable' }],
    [
      { body: '{"active":false}', headers: { 'content-length': '99' } },
      { kind: 'failed', reason: 'answer broke off' },
    ],
    [
      { body: '{"active":false}', headers: { 'content-type': 'text/html' } },
      { kind: 'failed', reason: 'answer is not JSON' },
    ],
    [
      { status: 500, body: '{"active":false}' },
      { kind: 'failed', reason: 'status 500' },
    ],
    [
      { status: 403, body: '{"active":false}' },
      { kind: 'failed', reason: 'status 403' },
    ],
    [
      { status: 401, body: '{"error":"invalid_client"}' },
      { kind: 'failed', reason: 'invalid_client' },
    ],
    [
      { status: 400, body: '{"error":"RT-canary"}' },
      { kind: 'failed', reason: 'other' },
    ],
    [
      { status: 307, headers: { location: '/other' } },
      { kind: 'failed', reason: 'redirect refused' },
    ],
    [undefined, { kind: 'failed', reason: 'connection lost' }],
  ]
  for (const [answer, expected] of table) {
    said = answer
    t.strictSame(await ask(), expected, JSON.stringify(answer))
  }
  t.equal(server.requests.length, table.length, 'a redirect is not followed')
  const [first] = server.requests
  t.equal(first?.path, '/introspect')
  t.equal(first?.form.get('token_type_hint'), 'refresh_token')
  t.match(first?.headers, { authorization: /^Basic / }, 'as the client itself')
})

t.test('an issuer without the endpoint is not asked', async (t) => {
  const metadata = { issuer: 'https://as.example', token_endpoint: 'https://as.example/token' }
  t.strictSame(
    await introspectToken(
      LOOPBACK_ROOM,
      { clientId: 'me', metadata },
      Secret.fromText('RT'),
      'refresh_token',
    ),
    { kind: 'unavailable' },
  )
})
