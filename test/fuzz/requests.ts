import { pick, seededRandom } from '../torture/random.ts'
import { type Ground, inputOf } from './mutate.ts'

/** The sockets of a daemon. */
export type Role = 'broker' | 'admin' | 'capability'

interface Request {
  readonly method: string
  readonly path: string
  readonly body?: string
}

const HEAD = 'Host: grantd\r\nGrantd-Client: fuzz/1\r\n'
const JSON_TYPE = 'Content-Type: application/json\r\n'

function get(path: string): Request {
  return { method: 'GET', path }
}

function post(path: string, body: object): Request {
  return { method: 'POST', path, body: JSON.stringify(body) }
}

const TOKEN = {
  grant: 'work',
  scope: 'repo:read',
  audience: 'https://api.example',
  min_ttl: 60,
  purpose: 'fuzz',
}

/** Nobody listens there, so that no login asks anybody. */
const LOGIN = {
  grant: 'other',
  issuer: 'http://127.0.0.1:9',
  client_id: 'grantd',
  scope: 'openid',
  audience: ['https://api.example'],
  flow: 'device',
}

const EXPLAIN = {
  grant: 'work',
  scope: 'repo:read',
  executable: '/usr/bin/git',
  unit: 'backup.service',
  class: 'local',
  at: 'thu 12:00',
}

const RULE = '[[rule]]\nname = "x"\neffect = "allow"\nexecutable = "/usr/bin/git"\n'

/** Requests that each socket serves. */
const REQUESTS: Readonly<Record<Role, readonly Request[]>> = {
  broker: [get('/v1/grants'), get('/v1/health'), post('/v1/token', TOKEN)],
  // the last two are no routes of it
  capability: [
    post('/v1/token', { scope: 'repo:read', min_ttl: 60, purpose: 'fuzz' }),
    post('/v1/token', TOKEN),
    get('/v1/health'),
    get('/v1/grants'),
    post('/v1/capabilities', { name: 'more', grant: 'work', scope: 'repo:write' }),
  ],
  admin: [
    post('/v1/logins', LOGIN),
    get('/v1/logins/AAAAAAAAAAAAAAAAAAAAAA?wait=1'),
    { method: 'DELETE', path: '/v1/logins/AAAAAAAAAAAAAAAAAAAAAA' },
    get('/v1/grants'),
    get('/v1/grants/work'),
    get('/v1/vault'),
    { method: 'POST', path: '/v1/grants/work/revoke' },
    post('/v1/policy/check', { text: RULE, level: 'user' }),
    post('/v1/policy/explain', EXPLAIN),
    get('/v1/audit?limit=3&event=token.issued&since=2026-01-01T00:00:00Z'),
    get('/v1/audit?after=2026-11-21.2@4711&executable=/usr/bin/git&last=2'),
    get('/v1/audit/verify'),
    get('/v1/policy'),
    post('/v1/vault/unlock', {}),
    get('/v1/status'),
  ],
}

const HEAD_WORDS = [
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: gzip, chunked\r\n',
  'Content-Length: 0\r\n',
  'Content-Length: -1\r\n',
  'Expect: x\r\n',
  'Expect: 100-continue\r\n',
  'Connection: close\r\n',
  'Connection: upgrade\r\nUpgrade: websocket\r\n',
  'Origin: null\r\n',
  'X: \xff\r\n ',
  '\r\n\r\n',
  '\r\n',
  'HTTP/1.0',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'CONNECT grantd:1 HTTP/1.1\r\n',
  'OPTIONS * HTTP/1.1\r\n',
  'HEAD ',
  'http://grantd/',
  'ffffffffffffffff\r\n',
  '0\r\n\r\n',
]

const PATH_WORDS = ['%2e%2e/', '%00', '%ff', '%', '//', '?a[]=1&__proto__=2', '&limit=', 'verify']

const BODY_WORDS = [
  '"__proto__":{},',
  '"scope":null,',
  '"grant":"\\ud800",',
  '"audience":["x"],',
  '"pid":1,',
  '"x":',
  '[',
  '{',
  '""',
  '-1',
  '1e400',
  '\\u0000',
  '\u202e',
]

/**
 * What one run sends: bytes of a request, of its path or of its body changed. With all of them
 * changed alike hardly any would come past the first line.
 */
export function requestOf(role: Role, seed: number, run: number): Buffer {
  const random = seededRandom(Math.imul(seed, 0x27d4eb2f) ^ run)
  const changed = (of: string, words: readonly string[]): string =>
    inputOf(seed, run, { seeds: [Buffer.from(of)], words }).toString('latin1')
  const part = random()
  if (part < 0.4) return inputOf(seed, run, bytesOf(role))
  if (part < 0.6) {
    const request = pick(random, REQUESTS[role])
    return rendered({ ...request, path: printable(changed(request.path, PATH_WORDS)) })
  }
  const request = pick(random, REQUESTS[role].filter(hasBody))
  return rendered({ ...request, body: changed(request.body, BODY_WORDS) })
}

/** Every request as bytes, in chunks too, and one behind the other. */
function bytesOf(role: Role): Ground {
  const whole = REQUESTS[role].map(rendered)
  const inChunks = REQUESTS[role].filter(hasBody).map(chunked)
  return { seeds: [...whole, ...inChunks, Buffer.concat(whole)], words: HEAD_WORDS }
}

function rendered({ method, path, body }: Request): Buffer {
  const first = `${method} ${path} HTTP/1.1\r\n${HEAD}`
  if (body === undefined) return Buffer.from(`${first}\r\n`, 'latin1')
  return Buffer.from(`${first}${JSON_TYPE}Content-Length: ${body.length}\r\n\r\n${body}`, 'latin1')
}

function chunked({ method, path, body }: Request & { readonly body: string }): Buffer {
  const first = `${method} ${path} HTTP/1.1\r\n${HEAD}${JSON_TYPE}`
  const chunks = [body.slice(0, 9), body.slice(9)]
    .filter((part) => part !== '')
    .map((part) => `${part.length.toString(16)};x=y\r\n${part}\r\n`)
  const last = '0\r\nTrailer: x\r\n\r\n'
  return Buffer.from(
    `${first}Transfer-Encoding: chunked\r\n\r\n${chunks.join('')}${last}`,
    'latin1',
  )
}

function hasBody(request: Request): request is Request & { readonly body: string } {
  return request.body !== undefined
}

/** What no first line may hold, as a path says it. */
function printable(path: string): string {
  return path.replace(
    /[^\x21-\x7e]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}
