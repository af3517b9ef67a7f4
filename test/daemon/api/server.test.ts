import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { isErrorCode, MAX_BODY_BYTES } from '@grantd/client/protocol'
import t, { type Test } from 'tap'
import { fakeRooms, roomsWithGrant } from '../../fakes/fake-rooms.ts'
import { ISSUER, samplePeer } from '../../fakes/sample-grant.ts'
import {
  formatRequest,
  parseAnswer,
  type ServedRooms,
  serveRooms,
} from '../../fakes/serve-rooms.ts'

const TOKEN = '/v1/token'
const good = formatRequest('POST', TOKEN, { grant: 'work' })

/** A request by hand: a head without the last empty line, and a body. */
const raw = (head: readonly string[], body = ''): string => `${head.join('\r\n')}\r\n\r\n${body}`

const USUAL = ['Host: grantd', 'Grantd-Client: test/1.0', 'Connection: close']
const JSON_TYPE = 'Content-Type: application/json'

const chunked = (body: string, size = 1_000): string => {
  const chunks: string[] = []
  for (let at = 0; at < body.length; at += size) {
    const part = body.slice(at, at + size)
    chunks.push(`${part.length.toString(16)}\r\n${part}\r\n`)
  }
  return `${chunks.join('')}0\r\n\r\n`
}

const post = (body: string | object, headers: Record<string, string> = {}): string =>
  formatRequest('POST', TOKEN, body, headers)

/** Whatever came back is a problem of the table, or the connection just closed. */
function isRefusal(t: Test, what: string, bytes: string): void {
  t.notMatch(bytes, /at-\d|rt-\d|node_modules|\bat .*:\d+:\d+/, `${what}: neither token nor stack`)
  if (bytes === '') return
  const { status, type, json } = parseAnswer(bytes)
  const problem = json as { code?: unknown; status?: unknown; type?: unknown } | undefined
  t.ok(status >= 400 && status < 500, `${what}: ${status}`)
  t.match(type, /^application\/problem\+json/, what)
  t.ok(isErrorCode(problem?.code), what)
  t.equal(problem?.status, status, what)
  t.equal(problem?.type, `urn:grantd:error:${String(problem?.code)}`, what)
}

const statusesOf = (bytes: string): (string | undefined)[] =>
  [...bytes.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((found) => found[1])

const MALFORMED: Readonly<Record<string, string>> = {
  'bad JSON': post('{"grant":'),
  'no JSON at all': post('grant=work'),
  'an empty body': post(''),
  'no body': raw(['POST /v1/token HTTP/1.1', ...USUAL]),
  'a member twice': post('{"grant":"work","grant":"home"}'),
  'a member twice, escaped': post('{"grant":"work","\\u0067rant":"home"}'),
  'a nested member twice': post('{"grant":{"a":1,"a":2}}'),
  'an unknown member': post({ grant: 'work', refresh_token: 'x' }),
  'a prototype': post('{"grant":"work","__proto__":{"scope":"x"}}'),
  'a constructor': post('{"grant":"work","constructor":1}'),
  'no member': post({}),
  'an array': post([{ grant: 'work' }]),
  'a string': post('"work"'),
  'a number': post('5'),
  null: post('null'),
  'a number for a string': post({ grant: 5 }),
  'a list for a string': post({ grant: ['work'] }),
  'a string for a number': post({ grant: 'work', min_ttl: '5' }),
  'a boolean for a number': post({ grant: 'work', min_ttl: true }),
  'half a second': post({ grant: 'work', min_ttl: 1.5 }),
  'a negative time': post({ grant: 'work', min_ttl: -1 }),
  'a huge time': post('{"grant":"work","min_ttl":1e309}'),
  'nothing for a string': post({ grant: null }),
  'control characters in the grant': post({ grant: 'wo\u0007rk' }),
  'NUL in the grant': post({ grant: 'work\0' }),
  'a line end in the grant': post({ grant: 'work\n' }),
  'a path in the grant': post({ grant: '../work' }),
  'control characters in the scope': post({ grant: 'work', scope: 'a\u001b[31m' }),
  'two spaces in the scope': post({ grant: 'work', scope: 'a  b' }),
  'quotes in the scope': post({ grant: 'work', scope: '"a"' }),
  'control characters in the purpose': post({ grant: 'work', purpose: 'a\u001b]0;x\u0007' }),
  'letters from elsewhere in the purpose': post({ grant: 'work', purpose: 'für' }),
  'a long purpose': post({ grant: 'work', purpose: 'x'.repeat(201) }),
  'a relative audience': post({ grant: 'work', audience: '/x' }),
  'a fragment in the audience': post({ grant: 'work', audience: 'https://a.example#b' }),
  'a short hash': post({ grant: 'work', rejected: 'abc' }),
  'bytes that are no UTF-8': raw(
    ['POST /v1/token HTTP/1.1', ...USUAL, JSON_TYPE, 'Content-Length: 13'],
    '{"grant":"\xff"}',
  ),
  'a NUL in the body': post('{"grant":"work"}\0'),
  'a body too long by its length': post('x'.repeat(MAX_BODY_BYTES + 1)),
  'a length too long before a body': raw([
    'POST /v1/token HTTP/1.1',
    ...USUAL,
    JSON_TYPE,
    'Content-Length: 99999999999',
  ]),
  'a body too long in pieces': raw(
    ['POST /v1/token HTTP/1.1', ...USUAL, JSON_TYPE, 'Transfer-Encoding: chunked'],
    chunked(`{"grant":"${'x'.repeat(MAX_BODY_BYTES)}"}`),
  ),
  'a length and pieces': raw(
    [
      'POST /v1/token HTTP/1.1',
      ...USUAL,
      JSON_TYPE,
      'Content-Length: 4',
      'Transfer-Encoding: chunked',
    ],
    chunked('{"grant":"work"}'),
  ),
  'an odd coding': raw(
    ['POST /v1/token HTTP/1.1', ...USUAL, JSON_TYPE, 'Transfer-Encoding: gzip, chunked'],
    chunked('{"grant":"work"}'),
  ),
  'a negative length': raw(['POST /v1/token HTTP/1.1', ...USUAL, JSON_TYPE, 'Content-Length: -1']),
  'no type': raw(['POST /v1/token HTTP/1.1', ...USUAL, 'Content-Length: 16'], '{"grant":"work"}'),
  'a form': post('grant=work', { 'Content-Type': 'application/x-www-form-urlencoded' }),
  'plain text': post('{"grant":"work"}', { 'Content-Type': 'text/plain' }),
  'a look-alike type': post('{"grant":"work"}', { 'Content-Type': 'application/jsonp' }),
  'no type that is one': post('{"grant":"work"}', { 'Content-Type': ';;;' }),
  'no host': raw(['GET /v1/health HTTP/1.1', 'Grantd-Client: test/1.0', 'Connection: close']),
  'another host': post({ grant: 'work' }, { Host: 'localhost' }),
  'two hosts': raw(['GET /v1/health HTTP/1.1', 'Host: grantd', ...USUAL]),
  'two different hosts': raw(['GET /v1/health HTTP/1.1', 'Host: evil', ...USUAL]),
  'no client': raw(['GET /v1/health HTTP/1.1', 'Host: grantd', 'Connection: close']),
  'an odd client': post({ grant: 'work' }, { 'Grantd-Client': 'curl' }),
  'an origin': post({ grant: 'work' }, { Origin: 'https://evil.example' }),
  'a null origin': post({ grant: 'work' }, { Origin: 'null' }),
  'a referer': post({ grant: 'work' }, { Referer: 'https://evil.example' }),
  'an unknown route': formatRequest('GET', '/v2/token'),
  'a slash at the end': formatRequest('POST', '/v1/token/', { grant: 'work' }),
  'two slashes': formatRequest('POST', '//v1/token', { grant: 'work' }),
  'a route in capitals': formatRequest('POST', '/V1/TOKEN', { grant: 'work' }),
  'a broken escape': formatRequest('GET', '/v1/grants/%zz'),
  'the wrong method': formatRequest('GET', TOKEN),
  PUT: formatRequest('PUT', TOKEN, { grant: 'work' }),
  DELETE: formatRequest('DELETE', TOKEN),
  OPTIONS: formatRequest('OPTIONS', TOKEN),
  'OPTIONS *': formatRequest('OPTIONS', '*'),
  TRACE: formatRequest('TRACE', TOKEN),
  CONNECT: formatRequest('CONNECT', 'grantd:80'),
  'a method of its own': formatRequest('STEAL', TOKEN),
  'HTTP/1.0': good.replace('HTTP/1.1', 'HTTP/1.0'),
  'HTTP/2 in the clear': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'HTTP/3.7': good.replace('HTTP/1.1', 'HTTP/3.7'),
  'an absolute target': formatRequest('POST', 'http://grantd/v1/token', { grant: 'work' }),
  'an expectation nobody has': post({ grant: 'work' }, { Expect: 'a-miracle' }),
  'too many headers': raw([
    'GET /v1/health HTTP/1.1',
    ...USUAL,
    ...Array.from({ length: 5_000 }, (_, i) => `X-${i}: x`),
  ]),
  'one long header': post({ grant: 'work' }, { 'X-Long': 'x'.repeat(100_000) }),
  'a long path': formatRequest('GET', `/${'x'.repeat(100_000)}`),
  'a NUL in a header': post({ grant: 'work' }, { 'X-Nul': 'a\0b' }),
  'a bare line end in a header': post({ grant: 'work' }, { 'X-Bare': 'a\rOrigin: b' }),
  'a space before the colon': raw(['GET /v1/health HTTP/1.1', ...USUAL, 'X-Odd : 1']),
  'a folded header': raw(['GET /v1/health HTTP/1.1', ...USUAL, 'X-Odd: a', ' b: c']),
  'nothing like HTTP': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'an agent request': '\x00\x00\x00\x01\x0b',
}

t.test('whatever is malformed gets a problem of the table or a closed connection', async (t) => {
  const rooms = await roomsWithGrant()
  const served = await serveRooms(t, rooms, 'broker')
  for (const [what, bytes] of Object.entries(MALFORMED))
    isRefusal(t, what, await served.send(Buffer.from(bytes, 'latin1')))
  t.same(rooms.issuers.spent, [], 'and none of it reached an issuer')
  t.same(served.mistakes, [], 'nor was it a mistake of ours')
  t.equal((await served.ask('POST', TOKEN, { grant: 'work' })).status, 200)
})

t.test('a refusal says what is wrong', async (t) => {
  const served = await serveRooms(t, await roomsWithGrant(), 'broker')
  const cases: readonly [body: unknown, detail: string][] = [
    [{ grant: 'work', sope: 'x' }, 'the request must NOT have additional properties "sope"'],
    [{ grant: 5 }, '"grant" must be string'],
    ['{"grant":"a","grant":"b"}', 'the body names a member twice'],
    ['x'.repeat(MAX_BODY_BYTES + 1), 'the body is too large'],
  ]
  for (const [body, detail] of cases)
    t.match((await served.ask('POST', TOKEN, body)).json, { code: 'invalid_request', detail })
})

t.test('HEAD has no route, and its refusal no body', async (t) => {
  const served = await serveRooms(t, fakeRooms(), 'broker')
  const answer = await served.ask('HEAD', '/v1/health')
  t.equal(answer.status, 400)
  t.equal(answer.text, '')
})

t.test('what HTTP allows is no mistake', async (t) => {
  const served = await serveRooms(t, await roomsWithGrant(), 'broker')
  const open = { keepOpen: true }
  const continued = await served.send(post({ grant: 'work' }, { Expect: '100-continue' }), open)
  t.match(continued, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/)
  const upgrade = { Connection: 'Upgrade, close', Upgrade: 'h2c' }
  t.match(await served.send(post({ grant: 'work' }, upgrade), open), /^HTTP\/1\.1 200 OK/)
  const pieces = ['POST /v1/token HTTP/1.1', ...USUAL, JSON_TYPE, 'Transfer-Encoding: chunked']
  t.match(
    await served.send(raw(pieces, chunked('{"grant":"work"}', 3)), open),
    /^HTTP\/1\.1 200 OK/,
  )
  const utf8 = { 'Content-Type': 'application/json; charset=utf-8' }
  t.equal((await served.ask('POST', TOKEN, { grant: 'work' }, utf8)).status, 200)
})

t.test('pipelined requests are answered in order, the bad ones among them too', async (t) => {
  const served = await serveRooms(t, await roomsWithGrant(), 'broker')
  const open = { Connection: 'keep-alive' }
  const bytes = await served.send(
    post({ grant: 'work' }, open) +
      post({ grant: 'nobody' }, open) +
      post({ grant: 'work' }, { Host: 'evil', ...open }) +
      formatRequest('GET', '/v1/health'),
    { keepOpen: true },
  )
  t.same(statusesOf(bytes), ['200', '404', '400', '200'])
})

t.test('slow requests are ended by their deadline and delay nobody', async (t) => {
  const deadlines = { headersMs: 60, requestMs: 120, checkMs: 20 }
  const served = await serveRooms(t, await roomsWithGrant(), 'broker', { deadlines })
  const slow = [
    ['no byte at all', ''],
    ['half a head', 'POST /v1/token HTTP/1.1\r\nHost: gra'],
    ['half a body', good.slice(0, -4)],
    ['an endless body', good.replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked')],
  ] as const
  const ends = slow.map(([, bytes]) => served.send(bytes, { keepOpen: true }))
  t.equal((await served.ask('POST', TOKEN, { grant: 'work' })).status, 200)
  for (const [i, bytes] of (await Promise.all(ends)).entries())
    isRefusal(t, slow[i]?.[0] ?? '', bytes)
})

t.test('an idle connection is closed after its time', async (t) => {
  const served = await serveRooms(t, fakeRooms(), 'broker', { deadlines: { idleMs: 50 } })
  const open = formatRequest('GET', '/v1/health', undefined, { Connection: 'keep-alive' })
  t.match(await served.send(open, { keepOpen: true }), /^HTTP\/1\.1 200/)
})

t.test('a body cut short by the caller is nobody’s business', async (t) => {
  const served = await serveRooms(t, await roomsWithGrant(), 'broker')
  isRefusal(t, 'a truncated body', await served.send(good.slice(0, -4)))
  const socket: Socket = connect(served.path)
  socket.write(good.slice(0, -4))
  await new Promise(setImmediate)
  socket.destroy()
  t.equal((await served.ask('POST', TOKEN, { grant: 'work' })).status, 200)
  t.same(served.mistakes, [])
})

const ROUTES: Readonly<Record<'broker' | 'admin', readonly string[]>> = {
  broker: ['GET /v1/grants', 'GET /v1/health', 'POST /v1/token'],
  admin: [
    'DELETE /v1/break-glass/:grant',
    'DELETE /v1/logins/:id',
    'GET /v1/grants',
    'GET /v1/grants/:grant',
    'GET /v1/health',
    'GET /v1/logins/:id',
    'GET /v1/policy',
    'GET /v1/presets',
    'GET /v1/presets/:name',
    'GET /v1/status',
    'GET /v1/vault',
    'POST /v1/break-glass',
    'POST /v1/grants/:grant/revoke',
    'POST /v1/logins',
    'POST /v1/policy/check',
    'POST /v1/policy/explain',
    'POST /v1/revoke-all',
    'POST /v1/vault/init',
    'POST /v1/vault/lock',
    'POST /v1/vault/rekey',
    'POST /v1/vault/unlock',
  ],
}

/** The requests with a body, each as small as it may be. */
const BODIES: Readonly<Record<string, object>> = {
  'POST /v1/break-glass': { grant: 'work', reason: 'r', seconds: 900 },
  'POST /v1/logins': { grant: 'new', issuer: ISSUER, client_id: 'c', flow: 'device' },
  'POST /v1/policy/check': { text: '' },
  'POST /v1/policy/explain': { grant: 'work', executable: '/usr/bin/git' },
  'POST /v1/token': { grant: 'work' },
  'POST /v1/vault/init': {},
  'POST /v1/vault/rekey': {},
  'POST /v1/vault/unlock': {},
}

for (const role of ['broker', 'admin'] as const) {
  t.test(
    `each route of "${role}" has a schema for every answer, and no other exists`,
    async (t) => {
      const { routes } = await serveRooms(t, fakeRooms(), role)
      t.same(routes.map((route) => `${String(route.method)} ${route.url}`).sort(), ROUTES[role])
      for (const route of routes) {
        const answers = Object.keys(route.schema?.response ?? {})
        t.same(answers.sort(), ['2xx', '4xx', '5xx'], route.url)
        t.match(route.schema?.querystring, { additionalProperties: false }, route.url)
      }
    },
  )

  t.test(`no route of "${role}" takes a member that it does not know`, async (t) => {
    const rooms = await roomsWithGrant()
    const served = await serveRooms(t, rooms, role)
    for (const route of ROUTES[role]) {
      const path = route
        .replace(/.* /, '')
        .replace(':grant', 'work')
        .replace(':id', 'x'.repeat(22))
        .replace(':name', 'gitlab')
      const method = route.replace(/ .*/, '')
      const body = BODIES[route]
      const query = await served.ask(method, `${path}?zzz=1`, body)
      t.match(query.json, { code: 'invalid_request', detail: /"zzz"/ }, `${route}, in the query`)
      const more = await served.ask(method, path, { ...body, foo: 1 })
      t.match(more.json, { code: 'invalid_request' }, `${route}, in the body`)
      t.match(more.json, { detail: body === undefined ? 'this route takes no body' : /"foo"/ })
    }
    t.same(rooms.steps, [])
  })

  t.test(`what "${role}" lacks does not exist there`, async (t) => {
    const rooms = await roomsWithGrant()
    const served = await serveRooms(t, rooms, role)
    const other = role === 'broker' ? 'admin' : 'broker'
    for (const route of ROUTES[other].filter((one) => !ROUTES[role].includes(one))) {
      const [method = '', path = ''] = route
        .replace(':grant', 'work')
        .replace(':id', 'x')
        .replace(':name', 'gitlab')
        .split(' ')
      const answer = await served.ask(method, path, method === 'POST' ? {} : undefined)
      t.equal(answer.status, 400, route)
      t.match(answer.json, { detail: `no such route on the "${role}" listener` }, route)
    }
    t.same(rooms.steps, [])
  })
}

t.test('a process that is not local gets nothing on the admin listener', async (t) => {
  for (const peerClass of ['relay', 'container', 'root', 'unidentified'] as const) {
    const rooms = await roomsWithGrant()
    const peer = () => samplePeer({ class: peerClass })
    const served = await serveRooms(t, rooms, 'admin', { peer })
    for (const route of [...ROUTES.admin, 'GET /nowhere']) {
      const [method = '', path = ''] = route
        .replace(':grant', 'work')
        .replace(':id', 'x')
        .replace(':name', 'gitlab')
        .split(' ')
      const answer = await served.ask(method, path, method === 'POST' ? {} : undefined)
      t.match(answer.json, { code: 'unauthorized_peer', status: 403 }, `${peerClass}: ${route}`)
    }
    t.same(rooms.steps, ['audit: peer.refused'], 'one record a second, and no room was asked')
    t.match(rooms.audit.last, { peer: { class: peerClass }, reason: 'unauthorized_peer' })
  }
})

t.test('no admin verb is for a process that is gone by then', async (t) => {
  for (const route of ROUTES.admin) {
    const rooms = await roomsWithGrant()
    let isAlive = true
    const served = await serveRooms(t, rooms, 'admin', { isAlive: () => isAlive })
    t.equal((await served.ask('GET', '/v1/health')).status, 200)
    isAlive = false
    const [method = '', path = ''] = route
      .replace(':grant', 'work')
      .replace(':id', 'x')
      .replace(':name', 'gitlab')
      .split(' ')
    const answer = await served.ask(method, path)
    t.match(answer.json, { code: 'unauthorized_peer', detail: /is gone/ }, route)
    t.same(rooms.steps, ['audit: peer.refused'], route)
  }
})

t.test('nor for one that goes, or runs another program, before its body has come', async (t) => {
  for (const route of ROUTES.admin) {
    const rooms = await roomsWithGrant()
    let looks = 0
    const served = await serveRooms(t, rooms, 'admin', { isAlive: () => looks++ === 0 })
    const [method = '', path = ''] = route
      .replace(':grant', 'work')
      .replace(':id', 'x')
      .replace(':name', 'gitlab')
      .split(' ')
    const answer = await served.ask(method, path, BODIES[route])
    t.match(answer.json, { code: 'unauthorized_peer', detail: /is gone/ }, route)
    t.same(rooms.steps, ['audit: peer.refused'], route)
  }
})

t.test('a refusal that cannot be recorded says so instead', async (t) => {
  const rooms = await roomsWithGrant()
  rooms.audit.failing = 'all'
  const served = await serveRooms(t, rooms, 'admin', { peer: () => samplePeer({ class: 'relay' }) })
  t.match((await served.ask('GET', '/v1/status')).json, { code: 'audit_unavailable' })
})

t.test('a connection that was never admitted gets nothing', async (t) => {
  const served = await serveRooms(t, await roomsWithGrant(), 'broker')
  const answer = await served.app.inject({
    method: 'GET',
    url: '/v1/health',
    headers: { host: 'grantd', 'grantd-client': 'test/1.0' },
  })
  t.equal(answer.statusCode, 403)
  t.match(answer.json(), { code: 'unauthorized_peer' })
})

t.test('our own mistakes are logged, and the caller hears no word of them', async (t) => {
  const mistake = new TypeError('secret words')
  const rooms = await roomsWithGrant()
  rooms.say.decide = () => {
    throw mistake
  }
  const served = await serveRooms(t, rooms, 'broker')
  const answer = await served.ask('POST', TOKEN, { grant: 'work' })
  t.equal(answer.status, 500)
  t.match(answer.json, {
    code: 'internal_error',
    detail: 'a mistake of the daemon; its log says more',
  })
  t.same(served.mistakes, [mistake])
})

t.test('members that no schema names do not leave, whatever the status', async (t) => {
  const served: ServedRooms = await serveRooms(t, fakeRooms(), 'admin', {
    facts: {
      vaultState: () =>
        ({ kind: 'memory', detail: 'd', refresh_token: 'rt-1' }) as {
          kind: 'memory'
          detail: string
        },
    },
  })
  const answer = await served.ask('GET', '/v1/status')
  t.equal(answer.status, 200)
  t.notMatch(answer.text, /refresh_token/)
})

t.test('requests that pile up behind one that waits are refused, then cut', async (t) => {
  const rooms = fakeRooms()
  const requestCaps = { perConnection: 2, perPid: 4, inAll: 100 }
  const served = await serveRooms(t, rooms, 'admin', { requestCaps })
  const login = { grant: 'work', issuer: ISSUER, client_id: 'c', flow: 'device' }
  const { id } = (await served.ask('POST', '/v1/logins', login)).json as { id: string }
  const open = { Connection: 'keep-alive' }
  const poll = formatRequest('GET', `/v1/logins/${id}?wait=25`, undefined, open)
  const broken = formatRequest('GET', '/v1/grants/%zz', undefined, open)
  const last = formatRequest('GET', '/v1/health')
  const waiting = served.send(poll + poll + poll + broken + last, { keepOpen: true })
  while (served.requests.unsentRefusals < 3) await new Promise(setImmediate)
  t.equal(served.requests.open, 2)
  t.equal((await served.ask('GET', '/v1/health')).status, 200, 'another connection is served')
  const cut = await served.send((poll + broken).repeat(4), { keepOpen: true })
  t.equal(cut, '', 'with too many of them the connection ends')
  await served.ask('DELETE', `/v1/logins/${id}`)
  const answers = await waiting
  t.same(statusesOf(answers), ['200', '200', '503', '400', '503'])
  t.match(answers, /"code":"overloaded".*"retry_after":1/)
  t.match(served.requests, { open: 0, unsentRefusals: 0 })
})

t.test(
  'thousands behind one that waits have each their answer, however long it waits',
  async (t) => {
    const rooms = fakeRooms()
    const requestCaps = { perConnection: 4, perPid: 10_000, inAll: 100_000 }
    const deadlines = { headersMs: 60, requestMs: 120, checkMs: 20 }
    const served = await serveRooms(t, rooms, 'admin', { requestCaps, deadlines })
    const login = { grant: 'work', issuer: ISSUER, client_id: 'c', flow: 'device' }
    const { id } = (await served.ask('POST', '/v1/logins', login)).json as { id: string }
    const open = { Connection: 'keep-alive' }
    const poll = formatRequest('GET', `/v1/logins/${id}?wait=25`, undefined, open)
    const last = formatRequest('GET', '/v1/health')
    const waiting = served.send(poll.repeat(3_000) + last, { keepOpen: true })
    const isOver = await Promise.race([waiting, setTimeout(500, 'still open')])
    t.equal(isOver, 'still open', 'half a head lay unread for many times its deadline')
    await served.ask('DELETE', `/v1/logins/${id}`)
    const statuses = statusesOf(await waiting)
    t.equal(statuses.length, 3_001)
    t.same(new Set(statuses), new Set(['200', '503']))
    t.equal(served.excesses.of('late'), 0)
  },
)

t.test('what is late or too large is counted', async (t) => {
  const deadlines = { headersMs: 60, requestMs: 120, checkMs: 20 }
  const served = await serveRooms(t, await roomsWithGrant(), 'broker', { deadlines })
  await served.send('GET /v1/health HTTP/1.1\r\nHost: gra', { keepOpen: true })
  await served.send(good.slice(0, -4), { keepOpen: true })
  t.equal(served.excesses.of('late'), 2)
  await served.send(post('x'.repeat(MAX_BODY_BYTES + 1)), { keepOpen: true })
  await served.send(formatRequest('GET', '/v1/health', undefined, { X: 'x'.repeat(9_000) }))
  t.equal(served.excesses.of('oversized'), 2)
})
