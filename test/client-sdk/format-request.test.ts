import t from 'tap'
import { formatClient, formatRequest, type WireRequest } from '#sdk/format-request'

t.test('a request carries the host, the caller and what it wants back', async (t) => {
  t.equal(
    formatRequest({ method: 'GET', path: '/v1/health' }, 'x/1'),
    'GET /v1/health HTTP/1.1\r\nHost: grantd\r\nGrantd-Client: x/1\r\nAccept: application/json\r\n\r\n',
  )
})

t.test('a body is counted in bytes; without one only GET leaves the length out', async (t) => {
  const text = formatRequest({ method: 'POST', path: '/', body: 'ü', accept: 'text/plain' }, 'x/1')
  t.match(text, /Accept: text\/plain\r\n.*Content-Length: 4\r\n\r\n"ü"$/s)
  t.match(formatRequest({ method: 'DELETE', path: '/' }, 'x/1'), /Content-Length: 0\r\n\r\n$/)
})

t.test('too long a body is refused before anything is sent', async (t) => {
  const body = 'x'.repeat(65_536)
  t.throws(() => formatRequest({ method: 'POST', path: '/', body }, 'x/1'), {
    code: 'invalid_request',
  })
})

const injections: readonly (readonly [string, object])[] = [
  ['method', { method: 'GET / HTTP/1.1\r\nX: y\r\n\r\nGET' }],
  ['path with a line end', { path: '/v1/token\r\nX: y' }],
  ['path with a trailing line feed', { path: '/v1/token\n' }],
  ['path with a blank', { path: '/v1/a b' }],
  ['path that is relative', { path: 'v1' }],
  ['path beyond ASCII', { path: '/ü' }],
  ['accept', { accept: 'text/plain\r\nX: y' }],
]

for (const [name, change] of injections)
  t.test(`nothing can add a header line: ${name}`, async (t) => {
    const request = { method: 'GET', path: '/', ...change } as WireRequest
    t.throws(() => formatRequest(request, 'x/1'), TypeError)
  })

t.test('the caller is named as the wire allows, or refused', async (t) => {
  t.equal(formatClient({}), 'grantd-client/0')
  t.equal(formatClient({ name: 'git-grantd', version: '1.0.0+x' }), 'git-grantd/1.0.0+x')
  for (const name of ['', 'a b', 'a\r\nX: y', 'a/b', 'x'.repeat(65)])
    t.throws(() => formatClient({ name }), TypeError, JSON.stringify(name))
  t.throws(() => formatClient({ version: '1\n' }), TypeError)
})
