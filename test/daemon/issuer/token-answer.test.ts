import t from 'tap'
import { readTokenAnswer } from '../../../daemon/issuer/token-answer.ts'

/** A JWT whose signature nobody checks. */
function jwt(claims: unknown): string {
  return `${part({ alg: 'none' })}.${part(claims)}.c2ln`
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

t.test('an opaque token comes with what the answer says', async (t) => {
  t.strictSame(
    readTokenAnswer({ access_token: 'abc', token_type: 'bearer', expires_in: 59.7, scope: 'a b' }),
    { accessToken: 'abc', tokenType: 'Bearer', expiresInSeconds: 59, scope: ['a', 'b'] },
  )
  t.strictSame(readTokenAnswer({ access_token: 'abc', token_type: 'dpop' }), {
    accessToken: 'abc',
    tokenType: 'DPoP',
  })
})

t.test('a JWT comes with its audience and scope', async (t) => {
  const table: readonly (readonly [unknown, unknown, unknown])[] = [
    [{ aud: 'https://a', scope: 'x y' }, ['https://a'], ['x', 'y']],
    [{ aud: ['https://a', 'https://b'], scp: ['x', 'y'] }, ['https://a', 'https://b'], ['x', 'y']],
    [{ scp: 'x y' }, undefined, ['x', 'y']],
    [{ scope: 'x', scp: ['y', 'x'], roles: ['z', {}] }, undefined, ['x', 'y']],
    [{ scope: 'x', scp: null }, undefined, ['x']],
    [{ aud: null, scope: null }, undefined, undefined],
    [{ aud: [], scope: '', scp: [] }, [], []],
    [{}, undefined, undefined],
  ]
  for (const [claims, audience, scope] of table) {
    const answer = readTokenAnswer({ access_token: jwt(claims), token_type: 'bearer' })
    t.ok(answer, JSON.stringify(claims))
    t.same(answer?.audience, audience, JSON.stringify(claims))
    t.same(answer?.tokenScope, scope, JSON.stringify(claims))
  }
})

t.test('a JWT that says something we cannot compare is not handed out', async (t) => {
  const table: readonly unknown[] = [
    { aud: ['https://evil.example', 5] },
    { aud: ['https://a', null] },
    { aud: 'https://evil.example/é' },
    { aud: 'two words' },
    { aud: '' },
    { aud: `https://a/${'a'.repeat(1024)}` },
    { aud: 7 },
    { aud: { 'https://a': true } },
    { aud: [['https://a']] },
    { aud: false },
    { scope: 'repo:read admin "' },
    { scope: ['repo:read', {}, 'admin'] },
    { scope: ['repo:read admin'] },
    { scope: 'repo:read\tadmin' },
    { scope: { admin: true } },
    { scp: 'quo"te' },
    { scope: 'repo:read', scp: ['admin', 7] },
    { scope: 7, scp: 'repo:read' },
    { scope: 7 },
    null,
    'text',
    ['aud'],
  ]
  for (const claims of table) {
    const answer = readTokenAnswer({ access_token: jwt(claims), token_type: 'bearer' })
    t.equal(answer, undefined, JSON.stringify(claims))
  }
  const detached = `${part({ alg: 'ES256', b64: false })}.not-JSON.c2ln`
  t.equal(readTokenAnswer({ access_token: detached, token_type: 'bearer' }), undefined)
})

t.test('what has no head of a JWT is an opaque token', async (t) => {
  for (const token of [
    'a.b',
    'a.!!.c',
    'a.b.c',
    'a.b.c.d.e',
    `${part({})}.b.c`,
    `${part(7)}.b.c`,
  ]) {
    const answer = readTokenAnswer({ access_token: token, token_type: 'bearer' })
    t.strictSame(answer, { accessToken: token, tokenType: 'Bearer' })
  }
})

t.test('a token or scope that is no plain word is not handed out', async (t) => {
  for (const token of ['two words', 'line\nbreak', 'é', '']) {
    t.equal(readTokenAnswer({ access_token: token, token_type: 'bearer' }), undefined)
  }
  for (const scope of ['a\u001b[2J', 'a "b"']) {
    t.equal(readTokenAnswer({ access_token: 'abc', token_type: 'bearer', scope }), undefined)
  }
})

t.test('without expires_in a JWT says itself how long it lives', async (t) => {
  const table: readonly (readonly [unknown, number | undefined, number | undefined])[] = [
    [{ iat: 1_000, exp: 1_600 }, undefined, 600],
    [{ iat: 4e9, exp: 4e9 + 600.9 }, undefined, 600],
    [{ iat: 1_000, exp: 1_600 }, 50, 50],
    [{ iat: 1_000, exp: 1_600 }, 0, 600],
    [{ iat: 0, exp: 1e18 }, undefined, 31_536_000],
    [{ iat: 1_600, exp: 1_000 }, undefined, undefined],
    [{ exp: 1_600 }, undefined, undefined],
    [{ iat: '1000', exp: '1600' }, undefined, undefined],
    [{ iat: 1_000 }, undefined, undefined],
  ]
  for (const [claims, expires_in, seconds] of table) {
    const answer = readTokenAnswer({ access_token: jwt(claims), token_type: 'bearer', expires_in })
    t.equal(answer?.expiresInSeconds, seconds, JSON.stringify([claims, expires_in]))
  }
})
