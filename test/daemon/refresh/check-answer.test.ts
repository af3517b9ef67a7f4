import t from 'tap'
import { tokenHashPrefix } from '../../../daemon/base/token-hash.ts'
import type { TokenAnswer } from '../../../daemon/issuer/issuer.ts'
import { checkAnswer, expiryOf, type RefreshAsk } from '../../../daemon/refresh/check-answer.ts'
import { API, ISSUER, sampleGrant } from '../../fakes/sample-grant.ts'

const START = 1_000_000

const asked: RefreshAsk = { audience: API, scope: ['a', 'b'], sentScope: ['a', 'b'] }

function answer(changes: Partial<TokenAnswer> = {}): TokenAnswer {
  return { accessToken: 'at', tokenType: 'Bearer', expiresInSeconds: 60, ...changes }
}

t.test(
  'a good answer becomes a token that is never thought to live longer than it does',
  async (t) => {
    const grant = sampleGrant({ generation: 7 })
    t.same(checkAnswer(grant, asked, answer({ scope: ['a'] }), START), {
      kind: 'good',
      token: {
        value: 'at',
        mark: tokenHashPrefix('at'),
        tokenType: 'Bearer',
        scope: ['a'],
        audience: API,
        expiresAt: START + 60_000,
        lifetimeSeconds: 60,
        generation: 7,
      },
    })
  },
)

t.test(
  'the scope is the one answered, else the one sent, else the one asked, else that of the token',
  async (t) => {
    const cases: readonly [
      what: string,
      ask: Partial<RefreshAsk>,
      got: Partial<TokenAnswer>,
      scope: string[],
    ][] = [
      ['answered', {}, { scope: ['b'] }, ['b']],
      ['sent', { sentScope: ['a'] }, {}, ['a']],
      ['asked', { sentScope: undefined }, {}, ['a', 'b']],
      ['of the token', { scope: undefined, sentScope: undefined }, { tokenScope: ['c'] }, ['c']],
      ['unknown', { scope: undefined, sentScope: undefined }, {}, []],
    ]
    for (const [what, ask, got, scope] of cases) {
      const checked = checkAnswer(sampleGrant(), { ...asked, ...ask }, answer(got), START)
      t.equal(checked.kind, 'good', what)
      t.same(checked.kind === 'good' && checked.token.scope, scope, what)
    }
  },
)

t.test('a token that can do more than was asked is not handed out', async (t) => {
  const cases: readonly [what: string, got: Partial<TokenAnswer>, code: string][] = [
    ['the answer says so', { scope: ['a', 'b', 'admin'] }, 'invalid_scope'],
    ['the token says so', { scope: ['a'], tokenScope: ['a', 'admin'] }, 'invalid_scope'],
    ['it is for another audience', { audience: ['https://other.example'] }, 'invalid_target'],
    [
      'it is for another audience too',
      { audience: [API, 'https://other.example'] },
      'invalid_target',
    ],
    ['it is for nobody', { audience: [] }, 'invalid_target'],
    ['it is for the issuer only', { audience: [ISSUER] }, 'invalid_target'],
    [
      'it is for a look-alike of the issuer',
      { audience: [API, `${ISSUER}.evil`] },
      'invalid_target',
    ],
  ]
  for (const [what, got, code] of cases)
    t.match(checkAnswer(sampleGrant(), asked, answer(got), START), { kind: 'broader', code }, what)
})

t.test('the issuer may add itself to the audiences, for its own endpoint', async (t) => {
  for (const own of [ISSUER, `${ISSUER}/userinfo`]) {
    const got = answer({ audience: [API, own] })
    t.equal(checkAnswer(sampleGrant(), asked, got, START).kind, 'good', own)
  }
  const metadata = { issuer: `${ISSUER}/`, token_endpoint: `${ISSUER}/token` }
  const got = answer({ audience: [API, `${ISSUER}/userinfo`] })
  t.equal(checkAnswer(sampleGrant({ metadata }), asked, got, START).kind, 'good', 'with a slash')
})

t.test('without an audience there is none to compare', async (t) => {
  const checked = checkAnswer(
    sampleGrant(),
    { ...asked, audience: undefined },
    answer({ audience: ['anything'] }),
    START,
  )
  t.equal(checked.kind, 'good')
  t.notOk(checked.kind === 'good' && 'audience' in checked.token)
})

t.test('an unstated lifetime counts as a short one, in the token and in the record', async (t) => {
  const { expiresInSeconds: _unstated, ...unstated } = answer()
  t.match(checkAnswer(sampleGrant(), asked, unstated, START), {
    token: { lifetimeSeconds: 60, expiresAt: START + 60_000 },
  })
  t.equal(expiryOf(undefined, START), START + 60_000)
  t.equal(expiryOf(0, START), START)
})
