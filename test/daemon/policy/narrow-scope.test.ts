import { GrantdError } from '@grantd/client/protocol'
import fc from 'fast-check'
import t from 'tap'
import { narrowScope } from '../../../daemon/policy/narrow-scope.ts'
import { granted } from '../../fakes/granted.ts'

const API = 'https://api.example'
const FILES = 'https://files.example'
const SCOPES = { '': ['openid', 'a', 'b'] }
const honored = granted({ scopes: SCOPES, scopeNarrowing: 'honored' })
const plain = granted({ scopes: SCOPES })
const two = granted({
  scopes: { [API]: ['a', 'b'], [FILES]: ['c'] },
  audiences: [API, FILES],
  scopeNarrowing: 'honored',
})

/** True when every word of a list is one of the other. */
function covers(list: readonly string[], of: readonly string[]): boolean {
  return list.every((token) => of.includes(token))
}

t.test(
  'whoever asks for the same again gets the same, and for another thing another',
  async (t) => {
    const grant = granted({
      scopes: { '': ['a', 'b'], [API]: ['a'] },
      audiences: [API],
      scopeNarrowing: 'honored',
    })
    t.equal(narrowScope(grant, {}), narrowScope(grant, {}))
    const cap = ['a']
    const asks = [
      () => narrowScope(grant, {}),
      () => narrowScope(grant, { scope: 'a' }),
      () => narrowScope(grant, { audience: API }),
      () => narrowScope(grant, {}, cap),
      () => narrowScope({ ...grant, scopes: { [API]: ['c'] } }, {}),
    ]
    const first = asks.map((ask) => ask())
    t.equal(new Set(first).size, asks.length)
    for (const one of asks)
      for (const other of asks) {
        one()
        t.same(other(), first[asks.indexOf(other)])
      }
    t.throws(() => narrowScope(grant, { scope: 'x' }), { code: 'invalid_scope' })
    t.throws(() => narrowScope(grant, { scope: 'x' }), { code: 'invalid_scope' }, 'and again')
  },
)

t.test('without wishes everything of the first audience is meant', async (t) => {
  t.same(narrowScope(plain, {}), {
    audience: undefined,
    scope: ['openid', 'a', 'b'],
    sentScope: undefined,
  })
  t.same(narrowScope(two, {}), { audience: API, scope: ['a', 'b'], sentScope: ['a', 'b'] })
  t.same(narrowScope(two, { audience: FILES }), {
    audience: FILES,
    scope: ['c'],
    sentScope: ['c'],
  })
})

t.test('a narrower scope is sent where it is honoured, less the words of the login', async (t) => {
  t.same(narrowScope(honored, { scope: 'b' }).sentScope, ['b'])
  t.same(narrowScope(honored, { scope: 'b openid b' }), {
    audience: undefined,
    scope: ['b', 'openid'],
    sentScope: ['b'],
  })
})

t.test('elsewhere nothing is sent, and a narrower wish is refused', async (t) => {
  for (const scopeNarrowing of ['ignored', 'sticky', 'none'] as const) {
    const grant = { ...plain, scopeNarrowing }
    for (const scope of [undefined, 'a b', 'b a', 'openid b a'])
      t.same(narrowScope(grant, { scope }), {
        audience: undefined,
        scope: ['openid', 'a', 'b'],
        sentScope: undefined,
      })
    for (const scope of ['a', 'openid', ''])
      t.throws(() => narrowScope(grant, { scope }), { code: 'invalid_scope', message: /without/ })
  }
})

t.test('what was never granted is refused before anything is sent', async (t) => {
  const table = [
    [plain, { scope: 'a z' }, 'invalid_scope', '"z" was not granted to "work"'],
    [honored, { scope: 'y z a' }, 'invalid_scope', '"y z" was not granted to "work"'],
    [two, { scope: 'c' }, 'invalid_scope', '"c" was not granted to "work"'],
    [two, { audience: '' }, 'invalid_target', 'the grant "work" has no audience ""'],
    [plain, { audience: API }, 'invalid_target', `the grant "work" has no audience "${API}"`],
    [
      granted({ scopes: { [API]: ['a'] } }),
      {},
      'invalid_target',
      'the grant "work" has no audience ""',
    ],
  ] as const
  for (const [grant, request, code, message] of table)
    t.throws(() => narrowScope(grant, request), new GrantdError(code, message))
})

t.test('words of the login alone ask for no token: it would be one with everything', async (t) => {
  for (const scope of ['openid', '', '  '])
    t.throws(() => narrowScope(honored, { scope }), { code: 'invalid_scope' }, scope)
  for (const scopes of [{ '': ['openid'] }, { '': [] }])
    t.equal(
      narrowScope({ ...honored, scopes }, {}).sentScope,
      undefined,
      'unless nothing else was granted',
    )
})

t.test('an audience named like a member of every object is no target', async () => {
  const name = fc.constantFrom('__proto__', 'constructor', 'toString', 'valueOf')
  fc.assert(
    fc.property(name, fc.boolean(), fc.boolean(), (audience, isListed, isAsked) => {
      const grant = { ...two, audiences: isListed ? [audience] : [] }
      try {
        narrowScope(grant, isAsked ? { audience } : {})
      } catch (error) {
        return error instanceof GrantdError && error.code === 'invalid_target'
      }
      return false
    }),
  )
})

t.test('never more is sent than asked, and never more asked than granted', async () => {
  const word = fc.constantFrom('a', 'b', 'openid', 'offline_access', 'z', '__proto__')
  const narrowing = fc.constantFrom('honored', 'ignored', 'sticky', 'none')
  fc.assert(
    fc.property(
      fc.uniqueArray(word),
      fc.option(fc.array(word), { nil: undefined }),
      narrowing,
      (all, asked, scopeNarrowing) => {
        const grant = granted({ scopes: { '': all }, scopeNarrowing })
        try {
          const { scope, sentScope } = narrowScope(grant, { scope: asked?.join(' ') })
          const isWhole = sentScope === undefined
          const useful = all.filter((token) => !['openid', 'offline_access'].includes(token))
          return (
            covers(scope, all) &&
            covers(sentScope ?? [], scope) &&
            (!isWhole || covers(useful, scope))
          )
        } catch (error) {
          return error instanceof GrantdError && error.code === 'invalid_scope'
        }
      },
    ),
    { numRuns: 300 },
  )
})

t.test('under a cap the default is what is left, and nothing broader leaves', async (t) => {
  t.same(narrowScope(honored, {}, ['a', 'z']), {
    audience: undefined,
    scope: ['openid', 'a'],
    sentScope: ['a'],
  })
  t.same(narrowScope(honored, { scope: 'a' }, ['a', 'b']).sentScope, ['a'])
  t.same(narrowScope(plain, {}, ['a', 'b']).scope, ['openid', 'a', 'b'])
  for (const grant of [plain, { ...honored, refreshInvalidatesAccessTokens: true }])
    t.throws(() => narrowScope(grant, {}, ['a']), {
      code: 'access_denied',
      message: 'the rules give less than a token of "work" has, and it cannot be narrowed',
    })
})
