import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { systemClock } from '../../../daemon/base/clock.ts'
import { Secret } from '../../../daemon/base/secret.ts'
import { type CaptureOptions, capturingFetch } from '../../../daemon/issuer/capture.ts'
import type { Successor } from '../../../daemon/issuer/issuer.ts'
import { newTrace } from '../../../daemon/issuer/trace.ts'
import { deferred } from '../../fakes/deferred.ts'
import { type CannedAnswer, startCannedServer } from '../../issuers/canned-server.ts'

const TOKEN_ANSWER = '{"access_token":"a","refresh_token":"RT-canary","expires_in":60}'

async function fetchOnce(
  t: Test,
  answer: CannedAnswer | undefined,
  more: Partial<CaptureOptions> & { readonly path?: string } = {},
) {
  const server = await startCannedServer(() => answer)
  t.teardown(() => server.close())
  const kept: Successor[] = []
  const trace = newTrace()
  const { path = '/token', ...options } = more
  const fetcher = capturingFetch({
    clock: systemClock,
    allowLoopbackHttp: true,
    tokenEndpoint: `${server.origin}/token`,
    trace,
    keepSuccessor: async (successor) => {
      kept.push(successor)
    },
    secrets: [],
    ...options,
  })
  const response = await fetcher(server.origin + path, {
    method: 'POST',
    headers: {},
    body: new URLSearchParams({ grant_type: 'refresh_token' }),
    redirect: 'manual',
  }).catch((error: unknown) => String(error))
  return { response, kept, trace, server }
}

async function textOf(response: Response | string): Promise<string> {
  return typeof response === 'string' ? response : response.text()
}

t.test('the library sees an answer only after its refresh token was kept', async (t) => {
  const order: string[] = []
  const asked = deferred()
  const durable = deferred()
  const fetching = fetchOnce(
    t,
    { body: TOKEN_ANSWER },
    {
      keepSuccessor: async (successor) => {
        asked.resolve()
        await durable.promise
        order.push(`kept ${successor.refreshToken.reveal()} ${successor.expiresInSeconds}`)
      },
    },
  ).then(({ response }) => {
    order.push('seen')
    return textOf(response)
  })
  await asked.promise
  // Whatever does not wait for the keeper has happened after a turn of the event loop.
  await setImmediate()
  t.strictSame(order, [])
  durable.resolve()
  t.strictSame(JSON.parse(await fetching), { access_token: 'a', expires_in: 60 })
  t.strictSame(order, ['kept RT-canary 60', 'seen'])
})

t.test('a login looks whom an answer names, and nobody sees the ID token', async (t) => {
  const body = '{"access_token":"a","refresh_token":"RT-canary","id_token":"h.p.s"}'
  const looked: Buffer[] = []
  const named = (subject: string | undefined): Partial<CaptureOptions> => ({
    subjectOf: (idToken) => {
      t.equal(idToken.toString(), 'h.p.s')
      looked.push(idToken)
      return subject
    },
    secrets: [Secret.fromText('the client secret')],
  })
  const { response, trace } = await fetchOnce(t, { body }, named('ada'))
  t.equal(trace.subject, 'ada')
  t.notMatch(await textOf(response), /id_token|h\.p/)
  for (const subject of [undefined, 'RT-canary', 'x RT-canary', 'the client secret']) {
    const { response, trace } = await fetchOnce(t, { body }, named(subject))
    t.equal(trace.subject, undefined, String(subject))
    t.match(await textOf(response), /access_token/, 'which costs no login')
  }
  t.ok(
    looked.every((token) => token.every((byte) => byte === 0)),
    'and it is wiped',
  )
  t.equal((await fetchOnce(t, { body })).trace.subject, undefined, 'a refresh does not look')
  const before = looked.length
  await fetchOnce(t, { body, status: 400 }, named('ada'))
  await fetchOnce(t, { body }, { ...named('ada'), path: '/elsewhere' })
  t.equal(looked.length, before, 'nor is it looked for elsewhere')
})

t.test('a token answer with another status of success counts as one', async (t) => {
  const { response, kept } = await fetchOnce(t, { status: 201, body: TOKEN_ANSWER })
  t.match(response, { status: 200 })
  t.equal(kept.length, 1)
})

t.test('what is no token answer has its refresh token cut and dropped', async (t) => {
  for (const status of [400, 401, 500]) {
    const { response, kept } = await fetchOnce(t, { status, body: TOKEN_ANSWER })
    t.notMatch(await textOf(response), 'RT-canary')
    t.equal(kept.length, 0, `status ${status}`)
  }
  const { response, kept } = await fetchOnce(t, { body: TOKEN_ANSWER }, { path: '/elsewhere' })
  t.notMatch(await textOf(response), 'RT-canary')
  t.equal(kept.length, 0)
})

t.test('an answer that repeats a secret gives its successor and nothing else', async (t) => {
  const secrets = ['RT-that-was-sent', 'the client secret'].map((text) => Secret.fromText(text))
  const members: readonly string[] = [
    '"access_token":"RT-that-was-sent"',
    '"access_token":"xRT-that-was-sent"',
    '"access_token":"\\u0052T-that-was-sent"',
    '"access_token":"RT-canary"',
    '"access_token":"a","scope":"b RT-canary"',
    '"access_token":"a","scope":"the client secret"',
    '"access_token":"a","RT-canary":1',
    '"access_token":"RT-earlier","refresh_token":"RT-earlier"',
    '"access_token":"a","error":"invalid_grant","x":["RT-canary"]',
  ]
  for (const member of members)
    for (const status of [200, 201]) {
      const body = `{${member},"refresh_token":"RT-canary","expires_in":60}`
      const { response, kept, trace } = await fetchOnce(t, { status, body }, { secrets })
      t.type(response, 'string', member)
      t.notMatch(response, /RT-|client secret/, member)
      t.equal(kept[0]?.refreshToken.reveal(), 'RT-canary', member)
      t.match(trace, { reason: 'answer repeats a secret', hasSuccessor: true }, member)
    }
  for (const answer of [
    { status: 400, body: '{"error":"invalid_grant","error_description":"RT-that-was-sent"}' },
    { status: 400, body: '{"error":"invalid_grant","refresh_token":"RT-canary","x":"RT-canary"}' },
  ]) {
    const { response, kept, trace } = await fetchOnce(t, answer, { secrets })
    t.type(response, 'string')
    t.equal(kept.length, 0)
    t.match(trace, { error: 'invalid_grant' }, 'and is still known for what it is')
  }
  const device = '{"user_code":"the client secret","error":"x"}'
  t.type((await fetchOnce(t, { body: device }, { secrets, path: '/device' })).response, 'string')
  t.equal(secrets[0]?.reveal(), 'RT-that-was-sent', 'ours are left as they were')
})

t.test('a redirect is refused, and so is a status HTTP does not know', async (t) => {
  for (const status of [304, 307, 999]) {
    const { response, trace } = await fetchOnce(t, {
      status,
      headers: { location: 'http://127.0.0.1:9/' },
    })
    t.type(response, 'string')
    t.match(trace, { status, reason: 'status refused', mayHaveLeft: true })
  }
})

t.test('a refresh token survives an answer that breaks off', async (t) => {
  const { response, kept, trace } = await fetchOnce(t, {
    headers: { 'content-length': '500' },
    body: TOKEN_ANSWER,
  })
  t.type(response, 'string')
  t.equal(kept[0]?.refreshToken.reveal(), 'RT-canary')
  t.match(trace, { isComplete: false, hasSuccessor: true, reason: 'answer broke off' })
})

t.test('when the keeper fails, the library sees nothing and the error is at hand', async (t) => {
  const error = new Error('disk full')
  const { response, trace } = await fetchOnce(
    t,
    { body: TOKEN_ANSWER },
    { keepSuccessor: () => Promise.reject(error) },
  )
  t.type(response, 'string')
  t.equal(trace.keepFailure?.error, error)
})

t.test('the trace says what the answer was', async (t) => {
  const table: readonly (readonly [CannedAnswer, object])[] = [
    [
      { status: 400, body: '{"error":"invalid_grant"}' },
      { error: 'invalid_grant', isJson: true },
    ],
    [{ status: 400, body: '{"error":"my own"}' }, { error: 'other' }],
    [{ status: 400, body: '{"error":7}' }, { error: undefined }],
    [{ status: 400, body: '{}' }, { error: undefined }],
    [{ status: 400, body: 'null' }, { error: undefined }],
    [{ status: 400, body: '{' }, { error: undefined }],
    [{ body: '{"error":"bad_refresh_token"}' }, { error: 'invalid_grant' }],
    [{ body: '{"access_token":"a","error":"invalid_grant"}' }, { error: undefined }],
    [
      { status: 400, headers: { 'content-type': 'text/html' }, body: '{"error":"invalid_grant"}' },
      { error: undefined, isJson: false },
    ],
    [
      { status: 400, headers: { 'content-type': 'application/problem+json; charset=utf-8' } },
      { isJson: true },
    ],
    [
      { status: 401, headers: { 'www-authenticate': 'Basic realm="x", error="invalid_client"' } },
      { asksForClient: true, error: 'invalid_client' },
    ],
    [{ status: 401, headers: { 'www-authenticate': 'Basic' } }, { asksForClient: true }],
    [{ status: 429, headers: { 'retry-after': '9' } }, { retryAfterSeconds: 9 }],
  ]
  for (const [answer, expected] of table) {
    t.match((await fetchOnce(t, answer)).trace, expected, JSON.stringify(answer))
  }
})

t.test('nothing is sent to an address that is not https', async (t) => {
  const { trace, server } = await fetchOnce(t, {}, { allowLoopbackHttp: false })
  t.match(trace, { mayHaveLeft: false, reason: 'address is not https' })
  t.equal(server.requests.length, 0)
})

t.test('a lost connection and a cancelled request are noted', async (t) => {
  t.match((await fetchOnce(t, undefined)).trace, { mayHaveLeft: true, reason: 'connection lost' })
  const { trace } = await fetchOnce(t, {}, { signal: AbortSignal.abort() })
  t.match(trace, { mayHaveLeft: false, reason: 'cancelled' })
})

t.test('a form is an answer where the issuer is known to answer so', async (t) => {
  const form = 'access_token=a&refresh_token=RT%2Dcanary&expires_in=60&scope=x+y\n'
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const { response, kept, trace } = await fetchOnce(t, { body: form, headers }, { answers: 'form' })
  t.equal(kept[0]?.refreshToken.reveal(), 'RT-canary')
  t.equal(kept[0]?.expiresInSeconds, 60)
  t.same(JSON.parse(await textOf(response)), { access_token: 'a', expires_in: 60, scope: 'x y' })
  t.match(trace, { isJson: true, givesTokens: true, hasSuccessor: true })
  const refusal = { status: 200, body: 'error=bad_refresh_token', headers }
  t.match((await fetchOnce(t, refusal, { answers: 'form' })).trace, { error: 'invalid_grant' })
  const other = await fetchOnce(t, { body: form, headers })
  t.same([other.kept.length, other.trace.isJson], [0, false], 'and nowhere else')
})

t.test(
  'of a form that broke off a whole refresh token is kept, and half of one is not',
  async (t) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '500' }
    for (const [body, tokens] of [
      ['refresh_token=RT-canary&access_token=a', ['RT-canary']],
      ['access_token=a&refresh_token=RT-can', []],
    ] as const) {
      const { kept, trace } = await fetchOnce(t, { body, headers }, { answers: 'form' })
      t.same(
        kept.map(({ refreshToken }) => refreshToken.reveal()),
        tokens,
        body,
      )
      t.equal(trace.isComplete, false)
    }
  },
)
