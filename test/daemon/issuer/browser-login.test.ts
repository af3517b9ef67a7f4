import t from 'tap'
import { startBrowserLogin } from '../../../daemon/issuer/browser-login.ts'
import type { LoginAsk, LoginStart, StartedLogin } from '../../../daemon/issuer/issuer.ts'
import { openAuthorization } from '../../issuers/approve.ts'
import { FAULTS } from '../../issuers/faulty-proxy.ts'
import { ALL_SCOPES, clientOf, LOOPBACK_ROOM } from '../../issuers/log-in.ts'
import { API_A, API_B, startOidcIssuer } from '../../issuers/oidc-issuer.ts'

const never = new AbortController().signal

function started(start: LoginStart): StartedLogin {
  if (start.kind !== 'started') throw new Error(start.kind)
  return start.login
}

const issuer = await startOidcIssuer()
t.teardown(() => issuer.close())
const client = await clientOf(issuer)
const ask: LoginAsk = { client, scope: ALL_SCOPES, audiences: [API_A, API_B] }

/** Goes back to the listener as a browser would, with parameters of our choice. */
async function comeBack(login: StartedLogin, parameters: Record<string, string>): Promise<number> {
  const asked = new URL(login.authorizationUri ?? '').searchParams
  const callback = new URL(asked.get('redirect_uri') ?? '')
  callback.search = new URLSearchParams({
    state: asked.get('state') ?? '',
    iss: issuer.issuer,
    ...parameters,
  }).toString()
  return (await fetch(callback)).status
}

t.test('a person logs in with the browser', async (t) => {
  const login = started(await startBrowserLogin(LOOPBACK_ROOM, ask))
  t.equal(login.expiresInSeconds, 300)
  const asked = new URL(login.authorizationUri ?? '').searchParams
  t.equal(asked.get('code_challenge_method'), 'S256')
  t.equal(asked.get('response_type'), 'code')
  t.equal(asked.get('prompt'), 'consent')
  t.strictSame(asked.getAll('resource'), [API_A, API_B])
  t.match(asked.get('redirect_uri'), /^http:\/\/127\.0\.0\.1:\d+\/callback$/)
  const finished = login.finished(never)
  t.equal(login.finished(never), finished)
  const page = await openAuthorization(login.authorizationUri ?? '')
  t.match(page.html, 'Return to the terminal')
  const answer = await finished
  t.match(answer, { kind: 'answered', answer: { audience: [API_A] } })
  t.match(issuer.log.at(-1), { grantType: 'authorization_code', resource: API_A })
  if (answer.kind === 'answered') t.ok(await issuer.controls.isActive(answer.refreshToken.reveal()))
})

t.test('a person refuses', async (t) => {
  const login = started(await startBrowserLogin(LOOPBACK_ROOM, ask))
  const finished = login.finished(never)
  await openAuthorization(login.authorizationUri ?? '', { denies: true })
  t.strictSame(await finished, { kind: 'denied' })
})

t.test('a stranger on this machine cannot end the login', async (t) => {
  const login = started(await startBrowserLogin(LOOPBACK_ROOM, ask))
  const finished = login.finished(never)
  t.equal(await comeBack(login, { state: 'guess', error: 'access_denied' }), 400)
  t.equal(await comeBack(login, { state: 'guess', code: 'stolen' }), 400)
  await openAuthorization(login.authorizationUri ?? '')
  t.match(await finished, { kind: 'answered' })
})

t.test('a callback the issuer did not write is refused before anything is sent', async (t) => {
  const table: readonly (readonly [Record<string, string>, object])[] = [
    [
      { iss: 'https://other.example', code: 'c' },
      { kind: 'unusable', reason: 'callback refused' },
    ],
    [
      { iss: '', code: 'c' },
      { kind: 'unusable', reason: 'callback refused' },
    ],
    [{}, { kind: 'unusable', reason: 'callback refused' }],
    [{ error: 'login_required' }, { kind: 'step_up', code: 'login_required' }],
    [{ error: 'my own words' }, { kind: 'request_wrong', code: 'other' }],
  ]
  for (const [parameters, expected] of table) {
    const before = issuer.counts()
    const login = started(await startBrowserLogin(LOOPBACK_ROOM, ask))
    const finished = login.finished(never)
    t.equal(await comeBack(login, parameters), 200)
    t.strictSame(await finished, expected)
    t.equal(issuer.counts(), before)
  }
})

t.test('a code that is not ours, and a lost answer, end the login', async (t) => {
  const forged = started(await startBrowserLogin(LOOPBACK_ROOM, ask))
  const first = forged.finished(never)
  await comeBack(forged, { code: 'forged' })
  t.strictSame(await first, { kind: 'grant_dead', code: 'invalid_grant' })
  const lost = started(await startBrowserLogin(LOOPBACK_ROOM, ask))
  const second = lost.finished(never)
  issuer.proxy.next(FAULTS.dropAfter)
  await openAuthorization(lost.authorizationUri ?? '')
  t.strictSame(await second, { kind: 'in_doubt', reason: 'connection lost' })
})

t.test('nobody comes back, or the caller gives up', async (t) => {
  const late = started(await startBrowserLogin(LOOPBACK_ROOM, ask, 0.02))
  t.strictSame(await late.finished(never), { kind: 'expired' })
  const cancel = new AbortController()
  const login = started(await startBrowserLogin(LOOPBACK_ROOM, ask))
  const finished = login.finished(cancel.signal)
  cancel.abort()
  t.strictSame(await finished, { kind: 'cancelled' })
  await t.rejects(comeBack(login, { code: 'late' }), 'the port is closed')
  const again = started(await startBrowserLogin(LOOPBACK_ROOM, ask))
  t.strictSame(await again.finished(cancel.signal), { kind: 'cancelled' }, 'before it began')
  await t.rejects(comeBack(again, { code: 'late' }), 'and the port nobody waited at is closed')
  const during = new AbortController()
  const last = started(await startBrowserLogin(LOOPBACK_ROOM, ask))
  const ending = last.finished(during.signal)
  issuer.proxy.next({
    kind: 'answer',
    answer: () => {
      during.abort()
      return { status: 400, headers: {}, body: '' }
    },
  })
  await comeBack(last, { code: 'c' })
  t.strictSame(await ending, { kind: 'cancelled' }, 'while the code is exchanged')
})

t.test('parameters some issuers need are added, ours stay', async (t) => {
  const login = started(
    await startBrowserLogin(LOOPBACK_ROOM, {
      client,
      scope: [],
      audiences: [],
      authorizationParameters: { access_type: 'offline', state: 'mine', code_challenge: 'mine' },
    }),
  )
  const asked = new URL(login.authorizationUri ?? '').searchParams
  t.equal(asked.get('access_type'), 'offline')
  t.not(asked.get('state'), 'mine')
  t.not(asked.get('code_challenge'), 'mine')
  t.equal(asked.has('scope'), false)
  t.equal(asked.has('prompt'), false)
  const finished = login.finished(never)
  await comeBack(login, { error: 'access_denied' })
  t.strictSame(await finished, { kind: 'denied' })
})

t.test('without audiences the token request names none', async (t) => {
  const login = started(await startBrowserLogin(LOOPBACK_ROOM, { ...ask, audiences: [] }))
  const finished = login.finished(never)
  await openAuthorization(login.authorizationUri ?? '')
  t.match(await finished, { kind: 'answered' })
  t.equal(issuer.log.at(-1)?.resource, undefined)
})

t.test('an authorization endpoint that is missing or not https is not opened', async (t) => {
  const { authorization_endpoint: _, ...metadata } = client.metadata
  t.strictSame(
    await startBrowserLogin(LOOPBACK_ROOM, { ...ask, client: { ...client, metadata } }),
    {
      kind: 'not_sent',
      reason: 'issuer has no authorization endpoint',
    },
  )
  t.strictSame(await startBrowserLogin({ ...LOOPBACK_ROOM, allowLoopbackHttp: false }, ask), {
    kind: 'not_sent',
    reason: 'authorization endpoint is not an https address',
  })
})
