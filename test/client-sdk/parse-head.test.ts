import t from 'tap'
import { parseHead } from '#sdk/parse-head'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2'

t.test('status, type and length are read, whatever the case of the names', async (t) => {
  const head = parseHead(
    'HTTP/1.1 404 Not Found\r\ncontent-LENGTH:  12 \r\nContent-Type: Application/JSON; charset=utf-8',
  )
  t.same(head, { status: 404, contentType: 'application/json', contentLength: 12, isLast: false })
})

t.test('an answer without a type or a reason phrase is fine', async (t) => {
  t.match(parseHead('HTTP/1.1 200\r\nContent-Length: 0'), { contentType: '', contentLength: 0 })
})

t.test('an answer that never has a body needs no length', async (t) => {
  for (const status of [204, 304]) t.equal(parseHead(`HTTP/1.1 ${status} X`).contentLength, 0)
})

t.test('Connection: close is heard among other options', async (t) => {
  for (const value of ['close', 'Close', 'x, close', 'close,x'])
    t.equal(parseHead(`${OK}\r\nConnection: ${value}`).isLast, true, value)
  for (const value of ['keep-alive', 'closed', ''])
    t.equal(parseHead(`${OK}\r\nConnection: ${value}`).isLast, false, value)
})

const refused: readonly (readonly [string, string, RegExp])[] = [
  ['another protocol', 'SSH-2.0-OpenSSH', /no HTTP\/1.1 status line/],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2', /no HTTP\/1.1 status line/],
  ['an interim answer', 'HTTP/1.1 100 Continue', /no HTTP\/1.1 status line/],
  ['a header line without a colon', `${OK}\r\nnonsense`, /a broken header line/],
  ['a folded header', `${OK}\r\n x: y`, /a broken header line/],
  ['a bare line feed', `${OK}\r\nx: a\ny: b`, /a broken header line/],
  ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked', /"Transfer-Encoding"/],
  ['no length', 'HTTP/1.1 400 Bad Request', /status 400 without "Content-Length"/],
  ['two lengths', `${OK}\r\nContent-Length: 2`, /that is no number/],
  ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1', /that is no number/],
  ['too long an answer', 'HTTP/1.1 200 OK\r\nContent-Length: 8388609', /above 8388608 bytes/],
]

for (const [name, head, message] of refused)
  t.test(`refused: ${name}`, async (t) => {
    t.throws(() => parseHead(head), {
      name: 'GrantdUnreachableError',
      reason: 'malformed',
      message,
    })
  })
