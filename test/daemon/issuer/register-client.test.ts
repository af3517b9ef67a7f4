import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { deleteClient } from '../../../daemon/issuer/delete-client.ts'
import type { IssuerClient } from '../../../daemon/issuer/issuer.ts'
import { registerClient } from '../../../daemon/issuer/register-client.ts'
import { type CannedAnswer, startCannedServer } from '../../issuers/canned-server.ts'
import { clientOf, LOOPBACK_ROOM, logIn } from '../../issuers/log-in.ts'
import { startOidcIssuer } from '../../issuers/oidc-issuer.ts'

t.test('a real issuer registers a client that can log in, and deletes it', async (t) => {
  const issuer = await startOidcIssuer()
  t.teardown(() => issuer.close())
  const { metadata } = await clientOf(issuer)
  const answer = await registerClient(LOOPBACK_ROOM, 'grantd on here', metadata, undefined)
  if (answer.kind !== 'registered') throw new Error(answer.kind)
  const { clientId, managementUri = '', registrationToken = Secret.fromText('none') } = answer
  t.notOk('clientSecret' in answer, 'it is a public client')
  t.same(issuer.controls.registeredClients(), [clientId])
  const client: IssuerClient = { clientId, metadata }
  t.ok((await logIn(client)).refreshToken.reveal())
  t.strictSame(await deleteClient(LOOPBACK_ROOM, managementUri, registrationToken), {
    kind: 'deleted',
  })
  t.same(issuer.controls.registeredClients(), [])
  t.match(await deleteClient(LOOPBACK_ROOM, managementUri, registrationToken), {
    kind: 'refused',
    reason: 'invalid_token',
  })
})

t.test('an issuer that wants an initial access token gets one', async (t) => {
  const token = 'initial-access-token-canary'
  const issuer = await startOidcIssuer({ initialAccessToken: token })
  t.teardown(() => issuer.close())
  const { metadata } = await clientOf(issuer)
  const register = (secret?: Secret) => registerClient(LOOPBACK_ROOM, 'grantd', metadata, secret)
  const refused = await register()
  t.match(refused, { kind: 'request_wrong' })
  t.match(await register(Secret.fromText(token)), { kind: 'registered' })
})

t.test('what an issuer answers is read with care', async (t) => {
  let said: CannedAnswer | undefined
  const server = await startCannedServer(() => said)
  t.teardown(() => server.close())
  const metadata = {
    issuer: server.origin,
    token_endpoint: `${server.origin}/token`,
    device_authorization_endpoint: `${server.origin}/device`,
    registration_endpoint: `${server.origin}/reg`,
  }
  const register = async (answer: CannedAnswer | undefined) => {
    said = answer
    return await registerClient(
      LOOPBACK_ROOM,
      'grantd on here',
      metadata,
      Secret.fromText('IAT-canary'),
    )
  }
  const json = (body: object, status = 201) => ({ status, body: JSON.stringify(body) })
  const uri = `${server.origin}/reg/1`
  const managed = { registration_client_uri: uri, registration_access_token: 'RAT-canary' }
  const answer = await register(
    json({ client_id: 'me', client_secret: 'hush', ...managed, more: 'RAT-canary' }),
  )
  if (answer.kind !== 'registered') throw new Error(answer.kind)
  t.match(answer, { clientId: 'me', managementUri: uri })
  t.equal(answer.registrationToken?.reveal(), 'RAT-canary')
  t.equal(answer.clientSecret?.reveal(), 'hush', 'an issuer that insists on a secret')
  t.notMatch(JSON.stringify(answer), /canary|hush/)
  const [request] = server.requests
  t.match(request, {
    method: 'POST',
    path: '/reg',
    headers: { authorization: 'Bearer IAT-canary', 'content-type': 'application/json' },
  })
  const table: readonly (readonly [CannedAnswer | undefined, object])[] = [
    [
      json({ client_id: 'me', client_secret: 'x', token_endpoint_auth_method: 'none' }),
      { kind: 'registered', clientId: 'me' },
    ],
    [json({ client_id: 'me', registration_client_uri: uri }), { kind: 'registered' }],
    [
      json({ client_id: 'me', ...managed, registration_client_uri: 'http://as.example/x' }),
      { kind: 'registered' },
    ],
    [
      json({ client_id: 'me', ...managed, registration_access_token: 'a\r\nb' }),
      { kind: 'registered' },
    ],
    [json({ client_id: '' }), { kind: 'unusable', reason: 'answer is unusable' }],
    [json({}), { kind: 'unusable' }],
    [json([]), { kind: 'unusable' }],
    [{ body: '{"client_id":"RAT-canary' }, { kind: 'unusable' }],
    [
      json({ error: 'invalid_redirect_uri', registration_access_token: 'RAT-canary' }, 400),
      { kind: 'request_wrong', code: 'invalid_redirect_uri' },
    ],
    [json({ error: 'RAT-canary' }, 400), { kind: 'request_wrong', code: 'other' }],
    [
      { status: 500, body: 'RAT-canary' },
      { kind: 'unusable', reason: 'status 500' },
    ],
    [
      { status: 307, headers: { location: '/catch' } },
      { kind: 'unusable', reason: 'redirect refused' },
    ],
    [
      { status: 429, headers: { 'retry-after': '9' } },
      { kind: 'retry_later', retryAfterSeconds: 9 },
    ],
    [undefined, { kind: 'in_doubt', reason: 'connection lost' }],
  ]
  for (const [canned, expected] of table) {
    const got = await register(canned)
    t.match(got, expected, JSON.stringify(canned))
    t.notOk('registrationToken' in got)
    t.notMatch(JSON.stringify(got), /canary/)
  }
  t.equal(server.requests.length, table.length + 1, 'nobody follows a redirect')
})

t.test('an issuer that registers nobody is not asked', async (t) => {
  const metadata = { issuer: 'https://as.example', token_endpoint: 'https://as.example/token' }
  t.match(await registerClient(LOOPBACK_ROOM, 'grantd', metadata, undefined), {
    kind: 'not_sent',
    reason: 'issuer registers no clients',
  })
})
