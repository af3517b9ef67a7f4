import fc from 'fast-check'
import t from 'tap'
import { subjectOf } from '../../../daemon/issuer/subject.ts'

const ISSUER = 'https://id.example'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** An ID token as it should be, but for these claims. */
function idToken(claims: object): Buffer {
  const whole = { iss: ISSUER, aud: 'me', sub: 'ada', iat: 1_000, exp: 1_060, ...claims }
  return Buffer.from(`${part({ alg: 'ES256' })}.${part(whole)}.c2ln`)
}

const read = (token: Buffer): string | undefined => subjectOf(token, ISSUER, 'me')

t.test('an ID token of the issuer for us names who logged in', async (t) => {
  for (const claims of [{}, { aud: ['me'] }, { azp: 'me' }, { aud: ['me', 'me'], azp: 'me' }])
    t.equal(read(idToken(claims)), 'ada', JSON.stringify(claims))
  for (const sub of ['a', '2489651045', 'auth0|65f', 'CN=Ada Lovelace', 'x'.repeat(255)])
    t.equal(read(idToken({ sub })), sub)
})

t.test('one of another issuer, for others too, or without a life names nobody', async (t) => {
  for (const claims of [
    { iss: `${ISSUER}/` },
    { iss: 'HTTPS://id.example' },
    { iss: [ISSUER] },
    { iss: undefined },
    { aud: 'you' },
    { aud: ['me', 'you'] },
    { aud: [['me']] },
    { aud: [] },
    { aud: undefined },
    { azp: 'you' },
    { azp: null },
    { exp: undefined },
    { exp: '1060' },
    { exp: 1_000 },
    { iat: undefined },
    { iat: 2_000 },
  ])
    t.equal(read(idToken(claims)), undefined, JSON.stringify(claims))
})

t.test('a name that is none, or no line of text, is nobody', async (t) => {
  const evil = [
    '',
    ' ',
    ' ada',
    'x'.repeat(256),
    'a\nb',
    'a\x1b[2J',
    'a\0',
    'a\u202eb',
    'ä',
    'a\x7f',
  ]
  for (const sub of [...evil, undefined, null, 7, ['ada'], { name: 'ada' }])
    t.equal(read(idToken({ sub })), undefined, JSON.stringify(sub))
})

t.test('whatever is no signed token names nobody, and breaks nothing', async (t) => {
  const claims = idToken({}).toString().split('.')[1] ?? ''
  for (const text of ['', 'a', claims, `a.${claims}`, `a.${claims}.b.c.d`, 'a..b', `a.${claims}x`])
    t.equal(read(Buffer.from(text)), undefined, text)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      t.equal(read(Buffer.from(bytes)), undefined)
    }),
  )
})
