import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { type Answer, startWorld, type World } from './world.ts'

const HEAD = 'Host: grantd\r\nGrantd-Client: test/1\r\n'

/** Raw bytes in, raw bytes out, until the daemon closes; it may do so while we still send. */
async function sendRaw(path: string, bytes: string | Buffer): Promise<string> {
  return await new Promise((resolve) => {
    const socket = connect(path, () => socket.write(bytes))
    let text = ''
    socket.setEncoding('latin1').on('data', (part: string) => {
      text += part
    })
    socket.on('error', () => undefined) // without an answer the text says so
    socket.once('close', () => resolve(text))
  })
}

function post(body: string | Buffer, more = '', path = '/v1/token'): Buffer {
  const bytes = Buffer.from(body)
  const head = `POST ${path} HTTP/1.1\r\n${HEAD}Content-Type: application/json\r\nConnection: close\r\n`
  return Buffer.concat([
    Buffer.from(`${head}${more}Content-Length: ${bytes.length}\r\n\r\n`),
    bytes,
  ])
}

/** No case may end without an answer: a daemon that closes everything refuses nothing. */
async function eachIsRefused(
  t: Test,
  world: World,
  cases: Readonly<Record<string, string | Buffer>>,
  role: 'broker' | 'admin' = 'broker',
): Promise<void> {
  for (const [name, bytes] of Object.entries(cases)) {
    const text = await sendRaw(world.sockets[role], bytes)
    t.match(text, /^HTTP\/1\.1 4\d\d /, name)
    t.match(text, /application\/problem\+json/i, name)
    const body = JSON.parse(text.slice(text.indexOf('{')) || '{}') as { code?: string }
    t.equal(body.code, 'invalid_request', name)
    t.notMatch(text, /\bat .*\.[jt]s\b/, `${name}: no stack trace`)
  }
}

t.test('what is not understood is refused, and the next caller is served', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.close())
  await world.login()

  await t.test('bodies', (t) =>
    eachIsRefused(t, world, {
      'an unknown member': post('{"grant":"work","export":"refresh_token"}'),
      'a member named twice': post('{"grant":"work","grant":"work"}'),
      'a member named twice, once escaped': post('{"grant":"work","\\u0067rant":"work"}'),
      'a prototype': post('{"grant":"work","__proto__":{}}'),
      'a number for a name': post('{"grant":5}'),
      'a list for a name': post('{"grant":["work"]}'),
      'a text for a number': post('{"grant":"work","min_ttl":"60"}'),
      'a negative lifetime': post('{"grant":"work","min_ttl":-1}'),
      'a fraction of a second': post('{"grant":"work","min_ttl":1.5}'),
      'a list': post('[]'),
      nothing: post(''),
      null: post('null'),
      'half of it': post('{"grant":"wo'),
      'two of them': post('{"grant":"work"}{"grant":"work"}'),
      'bytes that are not UTF-8': post(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])),
      'deep nesting': post(`${'['.repeat(30_000)}${']'.repeat(30_000)}`),
      'more than 64 KiB': post(`{"grant":"work","purpose":"${'a'.repeat(70_000)}"}`),
      'another type': Buffer.from(
        `POST /v1/token HTTP/1.1\r\n${HEAD}Content-Type: text/plain\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}`,
      ),
    }),
  )

  await t.test('places where nobody would look', (t) =>
    eachIsRefused(t, world, {
      'a scope in the query': post('{"grant":"work"}', '', '/v1/token?scope=zzz'),
      'a query of a route without one': `GET /v1/grants?all=1 HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`,
      'a body of a GET': `GET /v1/grants HTTP/1.1\r\n${HEAD}Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
    }),
  )

  const revoke = '/v1/grants/work/revoke'
  await t.test('the same on the admin listener', (t) =>
    eachIsRefused(
      t,
      world,
      {
        'a body of a revocation': post('{"foo":1}', '', revoke),
        'an empty object for one': post('{}', '', revoke),
        'a body in pieces': `POST ${revoke} HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n`,
        'a query of a revocation': `POST ${revoke}?x=1 HTTP/1.1\r\n${HEAD}Content-Length: 0\r\nConnection: close\r\n\r\n`,
        'a query of the status': `GET /v1/status?verbose HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`,
      },
      'admin',
    ),
  )

  await t.test('names that could draw on a terminal', (t) =>
    eachIsRefused(t, world, {
      'an escape in a grant': post('{"grant":"work\\u001b[2J"}'),
      'a newline in a purpose': post('{"grant":"work","purpose":"a\\nb"}'),
      'a letter outside ASCII in a grant': post('{"grant":"wörk"}'),
      'a right-to-left mark in a purpose': post('{"grant":"work","purpose":"a\\u202eb"}'),
      'a NUL in a scope': post('{"grant":"work","scope":"a\\u0000b"}'),
      'a tab in a scope': post('{"grant":"work","scope":"a\\tb"}'),
      'a path for a grant': post('{"grant":"../work"}'),
      'a space in an audience': post('{"grant":"work","audience":"https://a b"}'),
    }),
  )

  await t.test('heads', (t) =>
    eachIsRefused(t, world, {
      'another host':
        'GET /v1/health HTTP/1.1\r\nHost: localhost\r\nGrantd-Client: a/1\r\nConnection: close\r\n\r\n',
      'two hosts': `GET /v1/health HTTP/1.1\r\n${HEAD}Host: grantd\r\nConnection: close\r\n\r\n`,
      'no client': 'GET /v1/health HTTP/1.1\r\nHost: grantd\r\nConnection: close\r\n\r\n',
      'an odd client':
        'GET /v1/health HTTP/1.1\r\nHost: grantd\r\nGrantd-Client: <b>\r\nConnection: close\r\n\r\n',
      'an origin': `GET /v1/health HTTP/1.1\r\n${HEAD}Origin: https://example.org\r\nConnection: close\r\n\r\n`,
      'a referer': `GET /v1/health HTTP/1.1\r\n${HEAD}Referer: https://example.org/\r\nConnection: close\r\n\r\n`,
      'no such route': `GET /v1/refresh-token HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`,
      'a route of the other listener': `GET /v1/status HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`,
      'no HTTP at all': 'give me everything\r\n\r\n',
      'a header bomb': `GET /v1/health HTTP/1.1\r\n${HEAD}${'X: y\r\n'.repeat(5_000)}\r\n`,
      'a broken URL': `GET /v1/grants/%zz HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`,
    }),
  )

  const good: Answer = await world.token({ grant: 'work' })
  t.equal(good.status, 200)
  t.notMatch(world.output(), /\bat .*\.[jt]s\b/, 'none of it was a mistake of ours')
})
