import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import { beginExchange, keepNothing } from '../../../daemon/issuer/exchange.ts'
import { startCannedServer } from '../../issuers/canned-server.ts'
import { LOOPBACK_ROOM } from '../../issuers/log-in.ts'

t.test('a client says who it is as the issuer wants it', async (t) => {
  const server = await startCannedServer(() => ({ body: '{}' }))
  t.teardown(() => server.close())
  const basic = `Basic ${Buffer.from('me:s%3Acret').toString('base64')}`
  const table = [
    { secret: undefined, methods: undefined, header: undefined, form: null },
    { secret: 's:cret', methods: undefined, header: basic, form: null },
    {
      secret: 's:cret',
      methods: ['client_secret_post', 'client_secret_basic'],
      header: basic,
      form: null,
    },
    { secret: 's:cret', methods: ['client_secret_post'], header: undefined, form: 's:cret' },
    { secret: 's:cret', methods: ['private_key_jwt'], header: basic, form: null },
  ]
  for (const { secret, methods, header, form } of table) {
    const { library, configuration } = await beginExchange(
      LOOPBACK_ROOM,
      {
        clientId: 'me',
        ...(secret !== undefined && { clientSecret: Secret.fromText(secret) }),
        metadata: {
          issuer: server.origin,
          token_endpoint: `${server.origin}/token`,
          id_token_signing_alg_values_supported: ['ES256'],
          ...(methods !== undefined && { token_endpoint_auth_methods_supported: methods }),
        },
      },
      keepNothing,
    )
    await library.refreshTokenGrant(configuration, 'x').catch(() => {})
    const request = server.requests.at(-1)
    t.equal(request?.headers.authorization, header)
    t.equal(request?.form.get('client_secret'), form)
    t.equal(request?.form.get('client_id'), header === undefined ? 'me' : null)
  }
})

t.test('a token endpoint over http is never called unless loopback was allowed', async (t) => {
  const server = await startCannedServer(() => ({ body: '{}' }))
  t.teardown(() => server.close())
  const metadata = { issuer: server.origin, token_endpoint: `${server.origin}/token` }
  const { library, configuration, trace } = await beginExchange(
    { ...LOOPBACK_ROOM, allowLoopbackHttp: false },
    { clientId: 'me', metadata },
    keepNothing,
  )
  await t.rejects(library.refreshTokenGrant(configuration, 'x'))
  t.equal(trace.mayHaveLeft, false)
  t.equal(server.requests.length, 0)
})

t.test('a refresh token nobody asked for is wiped', async (t) => {
  const refreshToken = Secret.fromText('RT')
  await keepNothing({ refreshToken })
  t.throws(() => refreshToken.reveal(), TypeError)
})
