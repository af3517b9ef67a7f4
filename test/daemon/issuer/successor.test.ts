import fc from 'fast-check'
import t from 'tap'
import { MAX_ACCESS_TOKEN_SECONDS } from '../../../daemon/base/limits.ts'
import { takeRefreshToken } from '../../../daemon/issuer/successor.ts'

function take(text: string) {
  const body = Buffer.from(text)
  const taken = takeRefreshToken(body)
  return {
    token: taken.refreshToken?.toString('utf8'),
    earlier: taken.earlier.map(String),
    idToken: taken.idToken?.toString('utf8'),
    seconds: taken.expiresInSeconds,
    rest: body.toString('utf8'),
  }
}

t.test('the refresh token is taken and the rest stays JSON', async (t) => {
  const table: readonly (readonly [string, string | undefined, unknown])[] = [
    ['{"refresh_token":"x"}', 'x', {}],
    ['{"access_token":"a","refresh_token":"x"}', 'x', { access_token: 'a' }],
    ['{"refresh_token":"x","access_token":"a"}', 'x', { access_token: 'a' }],
    [' { "a" : 1 , "refresh_token" : "x" , "b" : [ "]" , {} ] } ', 'x', { a: 1, b: [']', {}] }],
    ['\ufeff{"refresh_token":"x"}', 'x', undefined],
    ['{"refresh_token":"x","refresh_token":"y"}', 'y', {}],
    ['{"a":1,"refresh_token":"x","refresh_token":"y"}', 'y', { a: 1 }],
    ['{"refresh_token":"x","a":1,"refresh_token":"y","b":2}', 'y', { a: 1, b: 2 }],
    ['{"refresh_token":"x","refresh_token":null}', 'x', {}],
    ['{"refresh_token":null,"a":1}', undefined, { a: 1 }],
    ['{"refresh_token":"","a":1}', undefined, { a: 1 }],
    ['{"refresh_token":{"refresh_token":"x"}}', undefined, {}],
    ['{"refresh_token":["x"],"a":true}', undefined, { a: true }],
    ['{"refresh\\u005ftoken":"x","a":1}', 'x', { a: 1 }],
    ['{"refresh_token":"\\u0078\\/\\"\\\\\\b\\f\\n\\r\\t"}', 'x/"\\\b\f\n\r\t', {}],
    ['{"refresh_token":"\\uD83D\\ude00\\u20ac\\u00e9"}', '😀€é', {}],
    ['{"refresh_token":"\\ud83dx"}', '\ufffdx', {}],
    ['{"refresh_token":"\\ud83d\\u0041"}', '\ufffdA', {}],
    ['{"nested":{"refresh_token":"x"}}', undefined, { nested: { refresh_token: 'x' } }],
    ['{"text":"\\"refresh_token\\":\\"x\\""}', undefined, { text: '"refresh_token":"x"' }],
    ['{"id_token":"i","a":1}', undefined, { a: 1 }],
    ['{"a":1,"id_token":"i"}', undefined, { a: 1 }],
    ['{}', undefined, {}],
    ['[{"refresh_token":"x"}]', undefined, [{ refresh_token: 'x' }]],
    ['"refresh_token"', undefined, 'refresh_token'],
  ]
  for (const [text, token, rest] of table) {
    const result = take(text)
    t.equal(result.token, token, text)
    if (rest !== undefined) t.same(JSON.parse(result.rest), rest, text)
    if (token === 'x') t.notMatch(result.rest, 'x', text)
  }
})

t.test('of several refresh tokens the last counts, and the others are known', async (t) => {
  const table: readonly (readonly [string, string | undefined, readonly string[]])[] = [
    ['{"refresh_token":"x","refresh_token":"y","refresh_token":"z"}', 'z', ['x', 'y']],
    ['{"refresh_token":"x","refresh_token":"","refresh_token":7}', 'x', []],
    ['{"refresh_token":"x",}"refresh_token":"y"', 'y', ['x']],
    ['{"refresh_token":"x","refresh_token":" \\t "}', 'x', []],
    ['[]', undefined, []],
  ]
  for (const [text, token, earlier] of table) t.match(take(text), { token, earlier }, text)
})

t.test('the one ID token of an answer is known, and travels no further', async (t) => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ['{"id_token":"h.p.s"}', 'h.p.s'],
    ['{"refresh_token":"RT","id_token":"h.p\\u002es","a":1}', 'h.p.s'],
    ['{"id\\u005ftoken":"h.p.s"}', 'h.p.s'],
    ['{"id_token":"h.p.s","id_token":"i.p.s"}', undefined],
    ['{"id_token":"h.p.s","id_token":7}', 'h.p.s'],
    ['{"id_token":{"sub":"h.p.s"}}', undefined],
    ['{"id_token":null}', undefined],
    ['{"id_token":""}', undefined],
    ['{"id_token":"h.p.s', undefined],
    ['{"user":{"id_token":"n.p.s"}}', undefined],
  ]
  for (const [text, idToken] of table) {
    const result = take(text)
    t.equal(result.idToken, idToken, text)
    if (text.endsWith('}')) t.notMatch(result.rest, /h\.p/, text)
  }
})

t.test('an answer that breaks off or is malformed does not lose the grant', async (t) => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ['{"access_token":"a","refresh_token":"RT"', 'RT'],
    ['{"access_token":"a","refresh_token":"RT","sco', 'RT'],
    ['{"access_token":"a","refresh_token":"RT","scope":"repo', 'RT'],
    ['{"access_token":"a","refresh_token":"RT","expires_in":36', 'RT'],
    ['{"access_token":"a","refresh_token":"RT",}', 'RT'],
    ['{"access_token":"a","refresh_token":"RT"}}', 'RT'],
    ['{"scope":repo read,"refresh_token":"RT"}', 'RT'],
    ['{"scope" "repo","refresh_token":"RT"}', 'RT'],
    ['{"scope":,"refresh_token":"RT"}', 'RT'],
    ['{"scope":[1,"refresh_token":"RT"', 'RT'],
    ['{"scope":],"refresh_token":"RT"', 'RT'],
    ['{scope:1,"refresh_token":"RT"}', 'RT'],
    ['{"scope":[",],"refresh_token":"RT"', 'RT'],
    ['{"a":1,"refresh_token":"RT', undefined],
    ['{"a":1,"refresh_token":', undefined],
    ['{"a":1,"refresh_token"', undefined],
    ['{"a":1,"refresh_tok', undefined],
    ['{"refresh_token":"R\\xT"}', undefined],
    ['{"refresh_token":"R\\u00"}', undefined],
    ['{', undefined],
    ['', undefined],
    ['<html>"refresh_token":"RT"</html>', undefined],
  ]
  for (const [text, token] of table) {
    const result = take(text)
    t.equal(result.token, token, text)
    if (text.startsWith('{')) t.notMatch(result.rest, /RT|R\\/, text)
  }
})

/** What is blank counts for nothing. */
const isNotBlank = (text: string): boolean => /[^\0- ]/.test(text)

t.test('any JSON answer gives what JSON.parse gives', async (t) => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.oneof(
          fc.constantFrom('a', 'refresh_token', 'x"y', 'expires_in', 'id_token'),
          fc.string(),
        ),
        fc.jsonValue({ maxDepth: 3 }),
      ),
      fc.option(fc.string({ unit: 'binary', minLength: 1 }).filter(isNotBlank), { nil: undefined }),
      fc.constantFrom(undefined, 1, '\t'),
      (members, token, indent) => {
        const { refresh_token: _, ...others } = members
        const answer = token === undefined ? others : { ...others, refresh_token: token }
        const result = take(JSON.stringify(answer, null, indent))
        const { id_token: __, expires_in, ...left } = others
        const isNumber = result.seconds !== undefined
        t.equal(result.token, token === undefined ? undefined : Buffer.from(token).toString())
        t.strictSame(
          JSON.parse(result.rest),
          JSON.parse(JSON.stringify(isNumber ? { ...left, expires_in } : left)),
        )
      },
    ),
    { numRuns: 300 },
  )
})

t.test('any cut and any bytes are survived, and a whole member is never lost', async (t) => {
  const answer = '{"access_token":"a","refresh_token":"RT\\u0041","scope":"s","expires_in":60}'
  const whole = answer.indexOf(',"scope"')
  for (let length = 0; length <= answer.length; length++) {
    const { token } = take(answer.slice(0, length))
    t.equal(token, length >= whole ? 'RTA' : undefined)
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      takeRefreshToken(Buffer.concat([Buffer.from('{"a":'), bytes]))
      takeRefreshToken(Buffer.from(bytes))
    }),
  )
})

t.test('the lifetime is read as generously as issuers write it', async (t) => {
  const table: readonly (readonly [string, number | undefined, unknown])[] = [
    ['3600', 3600, 3600],
    ['0', undefined, undefined],
    ['9e18', MAX_ACCESS_TOKEN_SECONDS, 9e18],
    ['1e306', MAX_ACCESS_TOKEN_SECONDS, 1e306],
    ['59.9', 59, 59.9],
    ['1e3', 1000, 1e3],
    ['"3600"', 3600, '3600'],
    ['null', undefined, undefined],
    ['-1', undefined, undefined],
    ['"soon"', undefined, undefined],
    ['1e999', undefined, undefined],
    ['[60]', undefined, undefined],
  ]
  for (const [written, seconds, left] of table) {
    const result = take(`{"a":1,"expires_in":${written}}`)
    t.equal(result.seconds, seconds, written)
    t.equal(JSON.parse(result.rest).expires_in, left, written)
  }
})
