import t from 'tap'
import {
  checkNoBody,
  checkRequestHead,
  type RequestHead,
} from '../../../daemon/api/request-rules.ts'

/** A head as Node parses it. */
function head(
  headers: readonly (readonly [string, string])[],
  changes: Partial<RequestHead> = {},
): RequestHead {
  return {
    httpVersion: '1.1',
    url: '/v1/token',
    rawHeaders: headers.flat(),
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    ...changes,
  }
}

const usual = [
  ['Host', 'grantd'],
  ['Grantd-Client', 'git-credential/1.0.0'],
] as const

t.test('a client of ours passes', async (t) => {
  t.doesNotThrow(() => checkRequestHead(head(usual)))
  checkRequestHead(head([...usual, ['Transfer-Encoding', 'chunked']]))
  checkRequestHead(head([...usual, ['Content-Type', 'application/json'], ['Accept', 'text/plain']]))
  checkRequestHead(head(usual, { url: '/v1/logins/x?wait=5' }))
})

t.test('a value that looks like a name is no second header', async (t) => {
  t.doesNotThrow(() => checkRequestHead(head([...usual, ['X-Note', 'host']])))
})

t.test('whoever is not a client of ours does not', async (t) => {
  const client = ['Grantd-Client', 'a/1'] as const
  const host = ['Host', 'grantd'] as const
  const cases: readonly [what: string, RequestHead, message: RegExp][] = [
    ['no host', head([client]), /"Host"/],
    ['the host of a browser', head([client, ['Host', 'localhost']]), /"Host"/],
    ['a host with a port', head([client, ['Host', 'grantd:80']]), /"Host"/],
    ['a host in capitals', head([client, ['Host', 'GRANTD']]), /"Host"/],
    ['two hosts', head([client, host, host]), /"host" came twice/],
    ['no client', head([host]), /"Grantd-Client"/],
    ['a client without version', head([host, ['Grantd-Client', 'git']]), /"Grantd-Client"/],
    ['an odd client', head([host, ['Grantd-Client', 'a b/1']]), /"Grantd-Client"/],
    ['a long client', head([host, ['Grantd-Client', `${'a'.repeat(65)}/1`]]), /"Grantd-Client"/],
    ['two clients', head([host, client, ['grantd-client', 'b/2']]), /"grantd-client" came twice/],
    [
      'two types',
      head([...usual, ['Content-Type', 'application/json'], ['content-type', 'text/plain']]),
      /"content-type" came twice/,
    ],
    ['two lengths', head([...usual, ['Content-Length', '1'], ['Content-Length', '1']]), /twice/],
    ['an origin', head([...usual, ['Origin', 'https://evil.example']]), /browser/],
    ['an empty origin', head([...usual, ['Origin', '']]), /browser/],
    ['a referer', head([...usual, ['Referer', 'https://evil.example']]), /browser/],
    ['a packed body', head([...usual, ['Transfer-Encoding', 'gzip, chunked']]), /as it is/],
    ['HTTP/1.0', head(usual, { httpVersion: '1.0' }), /HTTP\/1\.1/],
    ['an absolute target', head(usual, { url: 'http://grantd/v1/token' }), /must be a path/],
    ['an asterisk', head(usual, { url: '*' }), /must be a path/],
  ]
  for (const [what, request, message] of cases)
    t.throws(() => checkRequestHead(request), { code: 'invalid_request', message }, what)
})

t.test('no body is one of no length, and nothing else', async (t) => {
  t.doesNotThrow(() => checkNoBody({}))
  t.doesNotThrow(() => checkNoBody({ 'content-length': '0' }))
  for (const headers of [
    { 'content-length': '2' },
    { 'content-length': '00' },
    { 'transfer-encoding': 'chunked' },
  ])
    t.throws(() => checkNoBody(headers), { code: 'invalid_request', message: /takes no body/ })
})
