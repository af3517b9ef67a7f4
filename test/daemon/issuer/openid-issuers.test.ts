import t from 'tap'
import { createIssuers } from '../../../daemon/issuer/openid-issuers.ts'
import { openAuthorization } from '../../issuers/approve.ts'
import { ALL_SCOPES, clientOf, LOOPBACK_ROOM, logIn } from '../../issuers/log-in.ts'
import { API_A, startOidcIssuer } from '../../issuers/oidc-issuer.ts'

t.test('a grant lives from login to revocation', async (t) => {
  const issuer = await startOidcIssuer()
  t.teardown(() => issuer.close())
  const issuers = createIssuers(LOOPBACK_ROOM)
  const client = await clientOf(issuer)
  let { refreshToken } = await logIn(client)
  t.match(
    await issuers.refresh({
      client,
      refreshToken,
      audience: API_A,
      keepSuccessor: async (successor) => {
        refreshToken = successor.refreshToken
      },
    }),
    { kind: 'answered', hasSuccessor: true },
  )
  t.strictSame(await issuers.revoke(client, refreshToken, 'refresh_token'), { kind: 'revoked' })
  t.strictSame(await issuers.introspect(client, refreshToken, 'refresh_token'), {
    kind: 'inactive',
  })
  t.match(await issuers.refresh({ client, refreshToken, keepSuccessor: async () => {} }), {
    kind: 'grant_dead',
  })
  t.equal(issuer.counts('refresh_token'), 2)

  const start = await issuers.startBrowserLogin({ client, scope: ALL_SCOPES, audiences: [API_A] })
  if (start.kind !== 'started') throw new Error(start.kind)
  const finished = start.login.finished(new AbortController().signal)
  await openAuthorization(start.login.authorizationUri ?? '')
  t.match(await finished, { kind: 'answered' })
})

t.test('a client lives from its registration to its deletion', async (t) => {
  const issuer = await startOidcIssuer()
  t.teardown(() => issuer.close())
  const issuers = createIssuers(LOOPBACK_ROOM)
  const { metadata } = await clientOf(issuer)
  const registered = await issuers.register(metadata, undefined)
  if (registered.kind !== 'registered') throw new Error(registered.kind)
  const { clientId, managementUri, registrationToken } = registered
  t.same(issuer.controls.registeredClients(), [clientId])
  if (managementUri === undefined || registrationToken === undefined)
    throw new Error('this issuer lets clients be managed')
  t.strictSame(await issuers.deleteClient(managementUri, registrationToken), { kind: 'deleted' })
  t.same(issuer.controls.registeredClients(), [])
})

t.test('metadata that somebody wrote down is taken where every address is safe', async (t) => {
  const issuer = await startOidcIssuer()
  t.teardown(() => issuer.close())
  const { metadata } = await clientOf(issuer)
  const issuers = createIssuers(LOOPBACK_ROOM)
  t.same(issuers.stated(metadata), { kind: 'found', metadata })
  const spoilt = { ...metadata, token_endpoint: 'http://as.example/token' }
  t.match(issuers.stated(spoilt), { kind: 'no_issuer', reason: /token_endpoint/ })
})
