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

t.test('two keys have one text exactly when only the order of scopes differs', async (t) => {
  const isSame = (one: TokenKey, other: TokenKey): boolean =>
    Object.keys(one).every((name) => {
      const [a, b] = [sorted(one), sorted(other)].map((k) => k[name as keyof TokenKey])
      return Array.isArray(a) && Array.isArray(b)
        ? a.length === b.length && a.every((token, i) => token === b[i])
        : a === b
    })
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
      (one) => cacheKey(one) === cacheKey({ ...one, scope: [...one.scope].reverse() }),
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
