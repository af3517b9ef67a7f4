import fc from 'fast-check'
import type { Policy } from '../../daemon/config/config-files.ts'
import { type ConsentTerm, RULE_CLASSES, type Rule, WEEKDAYS } from '../../daemon/config/rule.ts'
import type { PolicyQuestion } from '../../daemon/policy/question.ts'
import { granted } from './granted.ts'
import { localPeer } from './local-peer.ts'

const WORDS = ['a', 'b', 'c'] as const
const word = fc.constantFrom(...WORDS)
const words = fc.uniqueArray(word, { minLength: 1 })
const program = fc.constantFrom('/usr/bin/git', '/usr/bin/gh')
const hash = fc.constantFrom('11', '22')

const selectors = fc.record(
  {
    executable: fc.uniqueArray(program, { minLength: 1 }),
    executableSha256: fc.uniqueArray(hash, { minLength: 1 }),
    class: fc.uniqueArray(fc.constantFrom(...RULE_CLASSES), { minLength: 1 }),
    listener: fc.uniqueArray(fc.constantFrom('broker', 'capability'), { minLength: 1 }),
    capability: fc.constant(['ci']),
    grant: fc.constantFrom(['work'], ['home']),
    scope: words,
  },
  { requiredKeys: [] },
)

const window = fc.record(
  {
    hours: fc.constantFrom({ from: 480, to: 1080 }, { from: 1320, to: 360 }),
    days: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }),
  },
  { requiredKeys: [] },
)

const terms = fc.record(
  {
    maxScope: words,
    maxLifetimeSeconds: fc.constantFrom(60, 300, 600),
    consent: fc.constantFrom<ConsentTerm[]>(
      'never',
      'once',
      'always',
      { seconds: 60 },
      { seconds: 900 },
    ),
    rate: fc.constantFrom({ tokens: 30, seconds: 60 }, { tokens: 100, seconds: 3600 }),
    offline: fc.boolean(),
  },
  { requiredKeys: [] },
)

/** Any of them, but most often the first: where every rule misses nothing is shown. */
function mostly<T>(usual: fc.Arbitrary<T>, others: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 3, arbitrary: usual }, { weight: 1, arbitrary: others })
}

/** Any rule with one of these effects. */
export function anyRule(...effects: readonly Rule['effect'][]): fc.Arbitrary<Rule> {
  return fc
    .record({
      name: fc.constantFrom('one', 'two', 'three'),
      effect: fc.constantFrom(...effects),
      selectors: mostly(fc.constant({}), selectors),
      window: mostly(fc.constant({}), window),
      terms,
      isBreakGlass: fc.boolean(),
    })
    .map((rule): Rule => ({ ...rule, terms: rule.effect === 'deny' ? {} : rule.terms }))
}

/** Any policy that the files could say. */
export const anyPolicy: fc.Arbitrary<Policy> = fc.record({
  mode: fc.constantFrom('enforce', 'audit'),
  system: fc.array(anyRule('deny', 'limit'), { maxLength: 3 }),
  user: fc.array(anyRule('allow', 'deny', 'limit'), { maxLength: 4 }),
})

/** Any caller and request, at any time. */
export const anyQuestion: fc.Arbitrary<PolicyQuestion> = fc
  .record({
    class: mostly(fc.constant('local'), fc.constantFrom(...RULE_CLASSES)),
    executable: fc.option(program, { nil: undefined }),
    executableSha256: fc.option(hash, { nil: undefined }),
    listener: mostly(fc.constant('broker'), fc.constantFrom('broker', 'capability', 'admin')),
    name: fc.constantFrom('work', 'home'),
    granted: mostly(
      fc.constant<('a' | 'b' | 'c' | 'openid')[]>([...WORDS, 'openid']),
      fc.uniqueArray(fc.constantFrom(...WORDS, 'openid')),
    ),
    scope: fc.option(fc.uniqueArray(fc.constantFrom(...WORDS, 'openid')), { nil: undefined }),
    day: fc.constantFrom(...WEEKDAYS),
    minute: fc.integer({ min: 0, max: 1439 }),
    isGlassBroken: fc.boolean(),
  })
  .map(({ executable, ...from }) => {
    const { executable: _, ...rest } = localPeer()
    return {
      peer: { ...rest, class: from.class, ...(executable !== undefined && { executable }) },
      executableSha256: from.executableSha256,
      listener: from.listener,
      capability: from.listener === 'capability' ? 'ci' : undefined,
      grant: granted({ name: from.name, scopes: { '': from.granted } }),
      scope: from.scope,
      audience: undefined,
      time: { day: from.day, minute: from.minute },
      isGlassBroken: from.isGlassBroken,
    }
  })
