import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { revokeToken } from '../../../daemon/issuer/revoke-token.ts'
import { type CannedAnswer, startCannedServer } from '../../issuers/canned-server.ts'
import { clientOf, LOOPBACK_ROOM, logIn } from '../../issuers/log-in.ts'
import { API_A, startOidcIssuer } from '../../issuers/oidc-issuer.ts'

function error(word: string): CannedAnswer {
  return { status: 400, body: JSON.stringify({ error: word, refresh_token: 'RT-canary' }) }
}

t.test('a real issuer honours a revocation, also the second time', async (t) => {
  const issuer = await startOidcIssuer()
  t.teardown(() => issuer.close())
  for (const kind of ['public', 'confidential'] as const) {
    const client = await clientOf(issuer, kind)
    const { refreshToken } = await logIn(client)
    t.ok(await issuer.controls.isActive(refreshToken.reveal()))
    t.strictSame(await revokeToken(LOOPBACK_ROOM, client, refreshToken, 'refresh_token'), {
      kind: 'revoked',
    })
    t.notOk(await issuer.controls.isActive(refreshToken.reveal()))
    t.strictSame(await revokeToken(LOOPBACK_ROOM, client, refreshToken, 'refresh_token'), {
      kind: 'revoked',
    })
  }
})

t.test(
  'a real issuer ends an opaque access token, and says that a JWT is none it can',
  async (t) => {
    const issuer = await startOidcIssuer()
    t.teardown(() => issuer.close())
    const client = await clientOf(issuer)
    for (const [audiences, kind] of [
      [[], 'revoked'],
      [[API_A], 'unsupported'],
    ] as const) {
      const { answer } = await logIn(client, audiences)
      const token = Secret.fromText(answer.accessToken)
      t.strictSame(await revokeToken(LOOPBACK_ROOM, client, token, 'access_token'), { kind })
      if (kind === 'revoked') t.notOk(await issuer.controls.isActive(answer.accessToken))
    }
  },
)

t.test('every other answer says whether asking again is any use', async (t) => {
  let said: CannedAnswer | undefined
  const server = await startCannedServer(() => said)
  t.teardown(() => server.close())
  const metadata = {
    issuer: server.origin,
    token_endpoint: `${server.origin}/token`,
    revocation_endpoint: `${server.origin}/revoke`,
  }
  const revoke = () =>
    revokeToken(
      LOOPBACK_ROOM,
      { clientId: 'me', metadata },
      Secret.fromText('RT-canary'),
      'access_token',
    )
  const table: readonly (readonly [CannedAnswer | undefined, object])[] = [
    [{ status: 200 }, { kind: 'revoked' }],
    [{ status: 204 }, { kind: 'revoked' }],
    [{ status: 200, body: '{"revoked":"RT-canary"}' }, { kind: 'revoked' }],
    [{ status: 200, headers: { 'content-length': '9' } }, { kind: 'failed' }],
    [error('invalid_grant'), { kind: 'revoked' }],
    [error('unsupported_token_type'), { kind: 'unsupported' }],
    [error('invalid_client'), { kind: 'refused', reason: 'invalid_client' }],
    [error('RT-canary'), { kind: 'refused', reason: 'other' }],
    [error('consent_required'), { kind: 'refused', reason: 'consent_required' }],
    [
      { status: 401, headers: { 'content-type': '' } },
      { kind: 'refused', reason: 'status 401' },
    ],
    [
      { status: 307, headers: { location: '/other' } },
      { kind: 'failed', reason: 'redirect refused' },
    ],
    [
      { status: 503, headers: { 'retry-after': '9' } },
      { kind: 'failed', reason: 'issuer asks to wait 9 s', retryAfterSeconds: 9 },
    ],
    [{ status: 429 }, { kind: 'failed', reason: 'issuer asks to wait 30 s' }],
    [
      { status: 400, headers: { 'content-length': '9' } },
      { kind: 'failed', reason: /broke off/ },
    ],
    [undefined, { kind: 'failed', reason: 'connection lost' }],
  ]
  for (const [answer, expected] of table) {
    said = answer
    t.match(await revoke(), expected, JSON.stringify(answer))
  }
  t.match(server.requests[0], { path: '/revoke' })
  t.equal(server.requests[0]?.form.get('token_type_hint'), 'access_token')
  await server.close()
  t.strictSame(await revoke(), { kind: 'failed', reason: 'connection refused' })
})

t.test('an issuer without the endpoint cannot revoke', async (t) => {
  const metadata = { issuer: 'https://as.example', token_endpoint: 'https://as.example/token' }
  t.strictSame(
    await revokeToken(
      LOOPBACK_ROOM,
      { clientId: 'me', metadata },
      Secret.fromText('RT'),
      'refresh_token',
    ),
    { kind: 'unsupported' },
  )
})
