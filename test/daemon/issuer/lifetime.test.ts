import t from 'tap'
import { MAX_ACCESS_TOKEN_SECONDS } from '../../../daemon/base/limits.ts'
import { statedLifetime } from '../../../daemon/issuer/lifetime.ts'

t.test('whatever an issuer calls a lifetime, it can be reckoned with', async (t) => {
  const cases: readonly (readonly [said: number | undefined, meant: number | undefined])[] = [
    [3600, 3600],
    [59.9, 59],
    [1, 1],
    [0.9, undefined],
    [0, undefined],
    [-5, undefined],
    [Number.NaN, undefined],
    [undefined, undefined],
    [9_999_999_999_999, MAX_ACCESS_TOKEN_SECONDS],
    [1e306, MAX_ACCESS_TOKEN_SECONDS],
    [Number.POSITIVE_INFINITY, MAX_ACCESS_TOKEN_SECONDS],
  ]
  for (const [said, meant] of cases) t.equal(statedLifetime(said), meant, String(said))
  t.doesNotThrow(() => new Date(Date.now() + MAX_ACCESS_TOKEN_SECONDS * 1000).toISOString())
})
