import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { cacheKey, type TokenKey } from '../../../daemon/token/cache-key.ts'

/** Few and awkward values, so that different keys come close to each other. */
const word = fc.constantFrom('', 'a', 'b', 'a b', ',', '"', '",null,"', '[', 'null', '\\', '\ud800')
const key: fc.Arbitrary<TokenKey> = fc.record({
  grantId: word,
  validSinceGeneration: fc.integer({ min: 1, max: 3 }),
  audience: fc.option(word, { nil: undefined }),
  scope: fc.array(word, { maxLength: 4 }),
  thumbprint: fc.option(word, { nil: undefined }),
})

/** The same key with its scope in alphabetical order. */
function sorted(one: TokenKey): TokenKey {
  return { ...one, scope: [...one.scope].sort() }
}

function isSame(one: TokenKey, other: TokenKey): boolean {
  return isDeepStrictEqual(sorted(one), sorted(other))
}

t.test('two keys have one text exactly when only the order of scopes differs', async (t) => {
  fc.assert(
    fc.property(
      key,
      key,
      (one, other) => (cacheKey(one) === cacheKey(other)) === isSame(one, other),
    ),
    { numRuns: 2000 },
  )
  fc.assert(
    fc.property(
      key,
      (one) => cacheKey(one) === cacheKey({ ...one, scope: one.scope.toReversed() }),
    ),
  )
  const scope = ['b', 'a']
  cacheKey({
    grantId: 'x',
    validSinceGeneration: 1,
    audience: undefined,
    scope,
    thumbprint: undefined,
  })
  t.same(scope, ['b', 'a'], 'the order of the caller stays')
})

t.test('the grant is the first word of the text', async () => {
  fc.assert(fc.property(key, (one) => (JSON.parse(cacheKey(one)) as unknown[])[0] === one.grantId))
})

t.test('a key is written out once', async (t) => {
  const one: TokenKey = {
    grantId: 'g',
    validSinceGeneration: 1,
    audience: undefined,
    scope: ['b', 'a'],
    thumbprint: undefined,
  }
  t.equal(cacheKey(one), cacheKey(one))
  t.equal(cacheKey({ ...one }), cacheKey(one))
})
