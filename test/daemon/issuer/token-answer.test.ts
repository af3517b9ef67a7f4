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
    [{ aud: 7, scope: { x: true } }, undefined, undefined],
    [{ aud: ['https://a', 7] }, undefined, undefined],
    [{ aud: 'two words', scope: 'quo"te' }, undefined, undefined],
    [null, undefined, undefined],
    ['text', undefined, undefined],
  ]
  for (const [claims, audience, scope] of table) {
    const answer = readTokenAnswer({ access_token: jwt(claims), token_type: 'bearer' })
    t.same(answer?.audience, audience, JSON.stringify(claims))
    t.same(answer?.tokenScope, scope, JSON.stringify(claims))
  }
  for (const token of ['a.b', 'a.!!.c', 'a.b.c']) {
    t.equal(readTokenAnswer({ access_token: token, token_type: 'bearer' })?.audience, undefined)
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
