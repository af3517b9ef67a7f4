import t from 'tap'
import { startDeviceLogin } from '../../../daemon/issuer/device-login.ts'
import type { LoginAsk, LoginStart, StartedLogin } from '../../../daemon/issuer/issuer.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { approveDevice } from '../../issuers/approve.ts'
import { type CannedAnswer, startCannedServer } from '../../issuers/canned-server.ts'
import { FAULTS, type Fault } from '../../issuers/faulty-proxy.ts'
import { ALL_SCOPES, clientOf, LOOPBACK_ROOM } from '../../issuers/log-in.ts'
import { API_A, API_B, startOidcIssuer } from '../../issuers/oidc-issuer.ts'

const never = new AbortController().signal

function started(start: LoginStart): StartedLogin {
  if (start.kind !== 'started') throw new Error(start.kind)
  return start.login
}

/** An answer of the token endpoint in the issuer's place. */
function refusal(error: string, status = 400, headers: Record<string, string> = {}): Fault {
  return {
    kind: 'answer',
    answer: () => ({
      status,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ error }),
    }),
  }
}

t.test('with a real issuer', async (t) => {
  const issuer = await startOidcIssuer({ deviceCodeSeconds: 600 })
  t.teardown(() => issuer.close())
  const client = await clientOf(issuer)
  const ask: LoginAsk = { client, scope: ALL_SCOPES, audiences: [API_A, API_B] }

  t.test('a person logs in by the code they read', async (t) => {
    const login = started(await startDeviceLogin(LOOPBACK_ROOM, ask))
    t.match(login, { verificationUri: `${issuer.issuer}/device`, expiresInSeconds: 600 })
    const finished = login.finished(never)
    t.equal(login.finished(never), finished, 'asking twice polls once')
    await approveDevice(login.verificationUri ?? '', { userCode: login.userCode ?? '' })
    const answer = await finished
    t.match(answer, {
      kind: 'answered',
      answer: { audience: [API_A], scope: ['repo:read', 'repo:write'] },
    })
    if (answer.kind === 'answered')
      t.ok(await issuer.controls.isActive(answer.refreshToken.reveal()))
  })

  t.test('a person refuses', async (t) => {
    const login = started(await startDeviceLogin(LOOPBACK_ROOM, ask))
    await approveDevice(login.verificationUriComplete ?? '', { denies: true })
    t.strictSame(await login.finished(never), { kind: 'denied' })
  })

  t.test('failures on the way cost time, never the login', async (t) => {
    const login = started(await startDeviceLogin(LOOPBACK_ROOM, ask))
    await approveDevice(login.verificationUriComplete ?? '')
    issuer.proxy.next(FAULTS.dropBefore)
    issuer.proxy.next(FAULTS.serverError)
    issuer.proxy.next(FAULTS.html)
    issuer.proxy.next(refusal('temporarily_unavailable', 503, { 'retry-after': '0' }))
    t.match(await login.finished(never), { kind: 'answered' })
  })

  t.test('the pauses are those of RFC 8628', async (t) => {
    const pauses: number[] = []
    const login = started(
      await startDeviceLogin(LOOPBACK_ROOM, ask, async (ms) => {
        pauses.push(ms)
      }),
    )
    await approveDevice(login.verificationUriComplete ?? '')
    for (const fault of [
      refusal('authorization_pending'),
      FAULTS.dropBefore,
      FAULTS.dropBefore,
      refusal('authorization_pending'),
      refusal('slow_down'),
      refusal('authorization_pending'),
      refusal('temporarily_unavailable', 503, { 'retry-after': '20' }),
    ]) {
      issuer.proxy.next(fault)
    }
    t.match(await login.finished(never), { kind: 'answered' })
    t.strictSame(pauses, [50, 50, 100, 200, 50, 5050, 5050, 20_000])
  })

  t.test('pauses after failures stop growing', async (t) => {
    const pauses: number[] = []
    const login = started(
      await startDeviceLogin({ ...LOOPBACK_ROOM, clock: new FakeClock() }, ask, async (ms) => {
        pauses.push(ms)
      }),
    )
    issuer.proxy.next(FAULTS.dropBefore, 12)
    issuer.proxy.next(refusal('expired_token'))
    t.strictSame(await login.finished(never), { kind: 'expired' })
    t.equal(pauses.at(-1), 60_000)
  })

  t.test('what the issuer refuses for good ends the login', async (t) => {
    const table: readonly (readonly [Fault, object])[] = [
      [refusal('expired_token'), { kind: 'expired' }],
      [refusal('access_denied'), { kind: 'denied' }],
      [refusal('invalid_grant'), { kind: 'grant_dead' }],
      [refusal('invalid_client', 401), { kind: 'client_broken' }],
      [refusal('invalid_scope'), { kind: 'request_wrong' }],
      [refusal('consent_required'), { kind: 'step_up' }],
    ]
    for (const [fault, answer] of table) {
      const login = started(await startDeviceLogin(LOOPBACK_ROOM, ask))
      issuer.proxy.next(fault)
      t.match(await login.finished(never), answer)
    }
  })

  t.test('tokens that came and cannot be used end it, and are revoked', async (t) => {
    const login = started(await startDeviceLogin(LOOPBACK_ROOM, ask))
    await approveDevice(login.verificationUriComplete ?? '')
    issuer.proxy.next(FAULTS.noTokenType)
    t.strictSame(await login.finished(never), { kind: 'in_doubt', reason: 'answer is unusable' })
  })

  t.test('the code runs out', async (t) => {
    const clock = new FakeClock()
    const login = started(await startDeviceLogin({ ...LOOPBACK_ROOM, clock }, ask))
    clock.advance(600_000)
    t.strictSame(await login.finished(never), { kind: 'expired' })
  })

  t.test('a cancelled login ends at once, between polls and in one', async (t) => {
    const between = new AbortController()
    const first = started(await startDeviceLogin(LOOPBACK_ROOM, ask)).finished(between.signal)
    between.abort()
    t.strictSame(await first, { kind: 'cancelled' })
    const during = new AbortController()
    const login = started(await startDeviceLogin(LOOPBACK_ROOM, ask))
    issuer.proxy.next({
      kind: 'answer',
      answer: () => {
        during.abort()
        return { status: 400, headers: {}, body: '' }
      },
    })
    t.strictSame(await login.finished(during.signal), { kind: 'cancelled' })
  })

  t.test('an issuer that refuses the request says why in one word', async (t) => {
    t.strictSame(
      await startDeviceLogin(LOOPBACK_ROOM, { ...ask, audiences: ['https://unknown.example'] }),
      { kind: 'request_wrong', code: 'invalid_target' },
    )
    const { device_authorization_endpoint: _, ...metadata } = client.metadata
    t.strictSame(
      await startDeviceLogin(LOOPBACK_ROOM, { ...ask, client: { ...client, metadata } }),
      { kind: 'not_sent', reason: 'issuer has no device authorization endpoint' },
    )
  })
})

t.test('an address or code that must not be printed is refused', async (t) => {
  let said: CannedAnswer = {}
  const server = await startCannedServer(() => said)
  t.teardown(() => server.close())
  const metadata = {
    issuer: server.origin,
    token_endpoint: `${server.origin}/token`,
    device_authorization_endpoint: `${server.origin}/device`,
  }
  const ask = { client: { clientId: 'me', metadata }, scope: [], audiences: [] }
  const good = {
    device_code: 'd',
    user_code: 'AB-CD',
    verification_uri: 'https://as.example/device',
    expires_in: 600,
  }
  const answer = (more: object): CannedAnswer => ({ body: JSON.stringify({ ...good, ...more }) })

  for (const more of [
    { verification_uri: 'http://as.example/device' },
    { verification_uri: 'https://as.example/\u001b[2J' },
    { verification_uri_complete: 'javascript:alert(1)' },
    { user_code: 'AB\u001b[2J' },
    { user_code: 'x'.repeat(100) },
  ]) {
    said = answer(more)
    t.strictSame(await startDeviceLogin(LOOPBACK_ROOM, ask), {
      kind: 'unusable',
      reason: 'verification address or code refused',
    })
  }

  t.test(
    'without an interval polls are 5 s apart, and half an hour is the longest login',
    async (t) => {
      said = answer({ expires_in: 86_400 })
      const pauses: number[] = []
      const login = started(
        await startDeviceLogin(LOOPBACK_ROOM, ask, async (ms) => {
          pauses.push(ms)
          said = { body: '{"access_token":"a","token_type":"bearer"}' }
        }),
      )
      t.equal(login.expiresInSeconds, 1800)
      t.equal(login.verificationUriComplete, undefined)
      t.strictSame(await login.finished(never), { kind: 'no_refresh_token' })
      t.strictSame(pauses, [5000])
      t.equal(server.requests.at(-1)?.form.get('resource'), null)
      t.equal(server.requests.at(-1)?.form.get('scope'), null)
    },
  )

  t.test('no interval and no life of a code is longer than a login', async (t) => {
    for (const seconds of [86_400 * 90, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
      said = answer({ expires_in: seconds, interval: seconds })
      const pauses: number[] = []
      const login = started(
        await startDeviceLogin(LOOPBACK_ROOM, ask, async (ms) => {
          pauses.push(ms)
        }),
      )
      t.equal(login.expiresInSeconds, 1800)
      t.strictSame(await login.finished(never), { kind: 'expired' })
      t.equal(pauses.length, 1)
      t.ok(
        pauses.every((ms) => ms > 1_000_000 && ms <= 1_800_000),
        pauses.join(),
      )
    }
  })
})
