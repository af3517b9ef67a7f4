import fc from 'fast-check'
import t from 'tap'
import type { Terms } from '../../../daemon/config/rule.ts'
import { beyondCap, FREE_TERMS, isStricterConsent, narrow } from '../../../daemon/policy/terms.ts'

t.test('whatever is narrower holds', async (t) => {
  const one = narrow(FREE_TERMS, 'one', {
    maxScope: ['a', 'b'],
    maxLifetimeSeconds: 600,
    consent: 'once',
    rate: { tokens: 30, seconds: 60 },
    offline: true,
  })
  t.same(one, {
    scopeCap: ['a', 'b'],
    maxLifetimeSeconds: 600,
    consent: 'once',
    rates: [{ tokens: 30, seconds: 60, rule: 'one' }],
    offline: true,
  })
  const both = narrow(one, 'two', {
    maxScope: ['b', 'c'],
    maxLifetimeSeconds: 900,
    consent: { seconds: 60 },
    rate: { tokens: 100, seconds: 3600 },
    offline: false,
  })
  t.same(both, {
    scopeCap: ['b'],
    maxLifetimeSeconds: 600,
    consent: { seconds: 60 },
    rates: [
      { tokens: 30, seconds: 60, rule: 'one' },
      { tokens: 100, seconds: 3600, rule: 'two' },
    ],
    offline: false,
  })
  t.same(narrow(both, 'three', {}), both, 'a rule without terms narrows nothing')
})

t.test(
  'always is stricter than a time, a short time than a long one, any time than once',
  async (t) => {
    const order = ['never', 'once', { seconds: 900 }, { seconds: 60 }, 'always'] as const
    for (const [i, one] of order.entries())
      for (const [j, other] of order.entries())
        t.equal(isStricterConsent(one, other), i > j, JSON.stringify([one, other]))
  },
)

t.test('the order of rules does not matter', async () => {
  const word = fc.constantFrom('a', 'b', 'c')
  const terms: fc.Arbitrary<Terms> = fc.record(
    {
      maxScope: fc.uniqueArray(word, { minLength: 1 }),
      maxLifetimeSeconds: fc.integer({ min: 60, max: 90 }),
      consent: fc.constantFrom('never' as const, 'always' as const, { seconds: 9 }),
      offline: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  const joint = (rules: readonly Terms[]) => {
    const { scopeCap, ...others } = rules.reduce((sum, rule) => narrow(sum, 'r', rule), FREE_TERMS)
    return JSON.stringify([
      scopeCap && [...scopeCap].sort(),
      others.maxLifetimeSeconds,
      others.consent,
      others.offline,
    ])
  }
  fc.assert(
    fc.property(
      fc.array(terms, { maxLength: 5 }),
      (rules) => joint(rules) === joint(rules.toReversed()),
    ),
  )
})

t.test('the scopes of a login count for no cap', async (t) => {
  t.same(beyondCap(['openid', 'a', 'offline_access', 'b'], ['a']), ['b'])
  t.same(beyondCap(['a'], undefined), [])
})
