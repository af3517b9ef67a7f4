import { createServer, type RequestListener } from 'node:http'
import { type AccessToken, type AccessTokenRequest, GrantdError } from '@grantd/client'
import t, { type Test } from 'tap'
import { authorizeFetch, type TokenSource } from '#sdk/authorized-fetch'

/** Gives `at-1`, then `at-2` for a refused one, and notes what it was asked. */
class FakeTokens implements TokenSource {
  readonly asked: unknown[] = []
  next: Partial<AccessToken> = {}
  refusal: Error | undefined

  async getAccessToken(request: AccessTokenRequest): Promise<AccessToken> {
    this.asked.push(request)
    return this.#token('at-1')
  }

  async reportRejected(token: string): Promise<AccessToken> {
    this.asked.push(`rejected ${token}`)
    if (this.refusal !== undefined) throw this.refusal
    return this.#token('at-2')
  }

  #token(accessToken: string): AccessToken {
    const rest = { expiresInSeconds: 60, expiresAt: 0, scope: '', grant: 'work', generation: 1 }
    return { accessToken, tokenType: 'Bearer', ...rest, ...this.next }
  }
}

/** A loopback server, the tokens shown to it and the bodies sent to it. */
async function api(t: Test, onRequest: RequestListener) {
  const seen: (string | undefined)[] = []
  const bodies: string[] = []
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization)
    let body = ''
    request.on('data', (bytes) => {
      body += bytes
    })
    request.on('end', () => {
      bodies.push(body)
      onRequest(request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { url: `http://127.0.0.1:${port}/`, seen, bodies }
}

/** Refuses `at-1` as a resource server does. */
const refuseFirst: RequestListener = (request, response) => {
  if (request.headers.authorization !== 'Bearer at-1') return response.end('welcome')
  response.writeHead(401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' })
  return response.end('refused')
}

t.test('a token goes along with the headers of the caller', async (t) => {
  const tokens = new FakeTokens()
  const { url, seen } = await api(t, (request, response) => response.end(request.headers['x-own']))
  const call = authorizeFetch(tokens, { grant: 'work', scope: ['a'], audience: 'urn:x' })
  const response = await call(url, { headers: { 'X-Own': 'mine', Authorization: 'Basic x' } })
  t.equal(await response.text(), 'mine')
  const asked = new Request(new URL(url), { headers: { 'X-Own': 'of a request' } })
  t.equal(await (await call(asked)).text(), 'of a request')
  t.same(seen, ['Bearer at-1', 'Bearer at-1'])
  t.same(tokens.asked[0], { grant: 'work', scope: ['a'], audience: 'urn:x' })
})

const replayable: readonly (readonly [string, () => RequestInit])[] = [
  ['no body', () => ({})],
  ['a text', () => ({ method: 'POST', body: 'x=1' })],
  ['bytes', () => ({ method: 'POST', body: new TextEncoder().encode('x=1') })],
  ['a buffer', () => ({ method: 'POST', body: new TextEncoder().encode('x=1').slice().buffer })],
  ['a form', () => ({ method: 'POST', body: new URLSearchParams({ x: '1' }) })],
  ['a blob', () => ({ method: 'POST', body: new Blob(['x=1']) })],
  ['a form with files', () => ({ method: 'POST', body: new FormData() })],
]

for (const [name, init] of replayable)
  t.test(`after a 401 the request is sent once more, with ${name}`, async (t) => {
    const tokens = new FakeTokens()
    const { url, seen, bodies } = await api(t, refuseFirst)
    const response = await authorizeFetch(tokens, { grant: 'work' })(new URL(url), init())
    t.equal(await response.text(), 'welcome')
    t.same(seen, ['Bearer at-1', 'Bearer at-2'])
    t.same(tokens.asked, [{ grant: 'work' }, 'rejected at-1'])
    if (name !== 'a form with files') t.equal(bodies[0], bodies[1])
  })

t.test('a second 401 comes back: there is one retry', async (t) => {
  const tokens = new FakeTokens()
  const { url, seen } = await api(t, (_, response) => response.writeHead(401).end())
  t.equal((await authorizeFetch(tokens, {})(url)).status, 401)
  t.same(seen, ['Bearer at-1', 'Bearer at-2'])
})

const stream = () => new Blob(['once']).stream()
const oneShot: readonly (readonly [string, (url: string) => Parameters<typeof fetch>])[] = [
  ['a stream', (url) => [url, { method: 'POST', body: stream(), duplex: 'half' }]],
  ['a Request with a body', (url) => [new Request(url, { method: 'POST', body: 'once' })]],
]

for (const [name, args] of oneShot)
  t.test(`${name} is not sent twice: the 401 comes back, reported and unread`, async (t) => {
    const tokens = new FakeTokens()
    const { url, seen, bodies } = await api(t, refuseFirst)
    const response = await authorizeFetch(tokens, { grant: 'work' })(...args(url))
    t.equal(response.status, 401)
    t.equal(response.headers.get('www-authenticate'), 'Bearer error="invalid_token"')
    t.equal(await response.text(), 'refused')
    t.same(seen, ['Bearer at-1'])
    t.same(bodies, ['once'])
    t.equal(tokens.asked[1], 'rejected at-1')
  })

t.test('no other token: the 401 comes back as it is', async (t) => {
  for (const refusal of [undefined, new GrantdError('login_required', 'revoked')]) {
    const tokens = new FakeTokens()
    tokens.next = { accessToken: 'at-1' }
    tokens.refusal = refusal
    const { url, seen } = await api(t, refuseFirst)
    const response = await authorizeFetch(tokens, { grant: 'work' })(url)
    t.equal(await response.text(), 'refused')
    t.equal(seen.length, 1)
  }
})

t.test(
  'another origin neither sees the token after a redirect nor can have it rejected',
  async (t) => {
    const tokens = new FakeTokens()
    const elsewhere = await api(t, (_, response) => response.writeHead(401).end())
    const { url } = await api(t, (_, response) =>
      response.writeHead(302, { Location: elsewhere.url }).end(),
    )
    t.equal((await authorizeFetch(tokens, { grant: 'work' })(url)).status, 401)
    t.same(elsewhere.seen, [undefined])
    t.same(tokens.asked, [{ grant: 'work' }])
  },
)

t.test('a token is neither asked for nor sent in clear text across a network', async (t) => {
  const tokens = new FakeTokens()
  const call = authorizeFetch(tokens, { grant: 'work' })
  for (const url of [
    'http://api.example/',
    'http://127.0.0.1.example/',
    'http://10.0.0.1/',
    'ftp://127.0.0.1/',
    'data:,x',
    '/relative',
  ])
    await t.rejects(call(url), TypeError, url)
  await t.rejects(call(new Request('http://api.example/')), TypeError)
  t.same(tokens.asked, [])
})

t.test('https and every name of loopback are fine, with a fetch of the caller', async (t) => {
  const urls: string[] = []
  const own: typeof fetch = async (input) => {
    if (typeof input === 'string') urls.push(input)
    return new Response('ok')
  }
  const call = authorizeFetch(new FakeTokens(), { fetch: own })
  const all = ['https://api.example/', 'http://localhost/', 'http://[::1]:1/', 'http://127.9.9.9/']
  for (const url of all) t.equal(await (await call(url)).text(), 'ok')
  t.same(urls, all)
})

t.test('a 401 whose URL is not known counts as from the server that was asked', async (t) => {
  const tokens = new FakeTokens()
  const call = authorizeFetch(tokens, { fetch: async () => new Response(null, { status: 401 }) })
  t.equal((await call('https://api.example/')).status, 401)
  t.same(tokens.asked, [{}, 'rejected at-1'])
})

t.test('a refused answer that cannot be cancelled does not cost the retry', async (t) => {
  const broken = new ReadableStream({ cancel: () => Promise.reject(new Error('broken')) })
  const answers = [new Response(broken, { status: 401 }), new Response('welcome')]
  const call = authorizeFetch(new FakeTokens(), {
    fetch: async () => answers.shift() ?? Response.error(),
  })
  t.equal(await (await call('https://api.example/')).text(), 'welcome')
})

t.test('a token bound to a key is never sent as a bearer token', async (t) => {
  const tokens = new FakeTokens()
  tokens.next = { tokenType: 'DPoP' }
  const { url, seen } = await api(t, refuseFirst)
  await t.rejects(authorizeFetch(tokens, { grant: 'work' })(url), { code: 'invalid_request' })
  t.same(seen, [])
})
