import fc from 'fast-check'
import t from 'tap'
import {
  formatScope,
  isSameScope,
  parseScope,
  scopeBeyond,
  withoutLoginScopes,
} from '../../../daemon/grant/scope.ts'

/** Few letters, so that lists overlap; names that every object has among them. */
const token = fc.constantFrom('a', 'b', 'c', 'openid', '__proto__', 'constructor')
const scope = fc.uniqueArray(token)

t.test('a list is read word by word, each once, in order', async (t) => {
  for (const [text, tokens] of [
    ['', []],
    ['   ', []],
    ['a', ['a']],
    [' b  a b ', ['b', 'a']],
    ['a\tb', ['a\tb']],
    ['__proto__ constructor', ['__proto__', 'constructor']],
  ] as const)
    t.same(parseScope(text), tokens, JSON.stringify(text))
})

t.test('what was written is read back', async (t) => {
  fc.assert(
    fc.property(scope, (tokens) => {
      t.same(parseScope(formatScope(tokens)), tokens)
    }),
  )
  fc.assert(
    fc.property(fc.string(), (text) => {
      const once = parseScope(text)
      t.same(parseScope(formatScope(once)), once)
      t.equal(new Set(once).size, once.length)
      t.notOk(once.some((word) => word.includes(' ')))
    }),
  )
})

t.test('beyond is exactly what was asked and not granted', async (t) => {
  fc.assert(
    fc.property(fc.array(token), scope, (asked, granted) => {
      const beyond = scopeBeyond(asked, granted)
      t.same(
        beyond,
        asked.filter((word) => !granted.includes(word)),
      )
      t.same(scopeBeyond(asked, [...granted, ...beyond]), [])
    }),
  )
})

t.test('two scopes are the same when they hold the same words', async (t) => {
  fc.assert(
    fc.property(scope, scope, (one, other) => {
      const expected = [...one].sort().join(' ') === [...other].sort().join(' ')
      t.equal(isSameScope(one, other), expected)
      t.equal(isSameScope(other, one), expected)
      t.ok(isSameScope(one, one.toReversed()))
    }),
  )
  t.notOk(isSameScope(['a'], ['a', 'b']))
  t.notOk(isSameScope(['a', 'b'], ['a']))
})

t.test('the scopes of a login are never sent at refresh', async (t) => {
  t.same(withoutLoginScopes(['openid', 'a', 'offline_access', 'profile']), ['a', 'profile'])
  t.same(withoutLoginScopes(['openid']), [])
  t.same(withoutLoginScopes(['OpenID']), ['OpenID'], 'scopes are case sensitive')
})
