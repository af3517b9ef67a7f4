import t from 'tap'
import { Secret } from '../../../daemon/base/secret.ts'
import type { IssuerClient, LoginAnswer } from '../../../daemon/issuer/issuer.ts'
import { exchangeForLogin } from '../../../daemon/issuer/login-exchange.ts'
import { startCannedServer } from '../../issuers/canned-server.ts'
import { LOOPBACK_ROOM } from '../../issuers/log-in.ts'

const never = new AbortController().signal

/** A login whose token endpoint answers that. */
async function loginWith(
  body: string | ((issuer: string) => string),
  hasRevocation = true,
  signal = never,
  whileAsked = () => {},
) {
  const server = await startCannedServer(({ path }) => {
    whileAsked()
    if (path !== '/token') return {}
    return { body: typeof body === 'string' ? body : body(server.origin) }
  })
  const client: IssuerClient = {
    clientId: 'me',
    clientSecret: Secret.fromText('the client secret'),
    metadata: {
      issuer: server.origin,
      token_endpoint: `${server.origin}/token`,
      ...(hasRevocation && { revocation_endpoint: `${server.origin}/revoke` }),
    },
  }
  const answer = await exchangeForLogin<LoginAnswer>(
    LOOPBACK_ROOM,
    client,
    signal,
    ({ library, configuration }) => library.genericGrantRequest(configuration, 'test', {}),
    () => undefined,
  )
  await server.close()
  return { answer, requests: server.requests }
}

t.test('a login ends with its tokens apart', async (t) => {
  const { answer } = await loginWith(
    '{"access_token":"a","token_type":"bearer","refresh_token":"RT"}',
  )
  t.match(answer, { kind: 'answered', answer: { accessToken: 'a' } })
  t.equal(answer.kind === 'answered' && answer.refreshToken.reveal(), 'RT')
})

t.test('a login knows whom its ID token names, and needs none', async (t) => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const idToken = (issuer: string, aud = 'me'): string =>
    `${part({ alg: 'none' })}.${part({ iss: issuer, aud, sub: 'ada', iat: 1, exp: 2 })}.`
  const loginNaming = async (write: (issuer: string) => unknown) => {
    const more = (issuer: string) => ({ id_token: write(issuer) })
    const tokens = { access_token: 'a', token_type: 'bearer', refresh_token: 'RT' }
    return (await loginWith((issuer) => JSON.stringify({ ...tokens, ...more(issuer) }))).answer
  }
  t.match(await loginNaming(idToken), { kind: 'answered', subject: 'ada' })
  for (const write of [
    () => undefined,
    () => 'garbage',
    () => 7,
    () => idToken('https://evil.example'),
    (issuer: string) => idToken(issuer, 'you'),
  ]) {
    const answer = await loginNaming(write)
    t.equal(answer.kind, 'answered')
    t.notOk('subject' in answer)
  }
})

t.test('a login whose answer repeats a secret brings nothing, and is revoked', async (t) => {
  for (const [accessToken, scope] of [
    ['a', 'repo RT-canary'],
    ['RT-canary', 'repo'],
    ['xRT-canary', 'repo'],
    ['the client secret', 'repo'],
    ['a', 'the client secret'],
  ]) {
    const { answer, requests } = await loginWith(
      JSON.stringify({
        access_token: accessToken,
        scope,
        token_type: 'bearer',
        refresh_token: 'RT-canary',
      }),
    )
    t.strictSame(answer, { kind: 'in_doubt', reason: 'answer repeats a secret' })
    t.match(requests[1], { path: '/revoke' })
    t.equal(requests[1]?.form.get('token'), 'RT-canary')
  }
})

t.test('without a refresh token there is no grant', async (t) => {
  const { answer } = await loginWith('{"access_token":"a","token_type":"bearer"}')
  t.strictSame(answer, { kind: 'no_refresh_token' })
})

t.test('a refresh token nobody can use is revoked, so that it does not live on', async (t) => {
  for (const body of [
    '{"refresh_token":"RT"}',
    '{"access_token":"two words","token_type":"bearer","refresh_token":"RT"}',
  ]) {
    const { answer, requests } = await loginWith(body)
    t.strictSame(answer, { kind: 'in_doubt', reason: 'answer is unusable' })
    t.equal(requests[1]?.path, '/revoke')
    t.equal(requests[1]?.form.get('token'), 'RT')
    t.match((await loginWith(body, false)).answer, { kind: 'in_doubt' })
  }
})

t.test('an answer that is on its way when somebody gives up is read', async (t) => {
  const cancel = new AbortController()
  const body = '{"access_token":"a","token_type":"bearer","refresh_token":"RT"}'
  const { answer } = await loginWith(body, true, cancel.signal, () => cancel.abort())
  t.equal(answer.kind === 'answered' && answer.refreshToken.reveal(), 'RT')
})
