import fc from 'fast-check'
import t from 'tap'
import { NO_RULES, type Policy } from '../../../daemon/config/config-files.ts'
import type { Rule } from '../../../daemon/config/rule.ts'
import type { PeerClass } from '../../../daemon/peer/peer.ts'
import { decide, explain } from '../../../daemon/policy/decide.ts'
import type { Decision, RuleVerdict } from '../../../daemon/policy/decision.ts'
import { askedScope } from '../../../daemon/policy/match-rule.ts'
import type { PolicyQuestion } from '../../../daemon/policy/question.ts'
import { beyondCap, FREE_TERMS, isStricterConsent } from '../../../daemon/policy/terms.ts'
import { anyPolicy, anyQuestion, anyRule } from '../../fakes/any-policy.ts'
import { granted } from '../../fakes/granted.ts'
import { localPeer } from '../../fakes/local-peer.ts'
import { sampleRule } from '../../fakes/sample-rule.ts'

const API = 'https://api.example'
const OTHERS: readonly PeerClass[] = ['relay', 'container', 'unidentified']

const question: PolicyQuestion = {
  peer: localPeer(),
  listener: 'broker',
  grant: granted({
    scopes: { '': ['a', 'b'], [API]: ['c'] },
    audiences: [API],
  }),
  scope: ['a'],
  audience: undefined,
  time: { day: 'mon', minute: 600 },
}

const container: PolicyQuestion = { ...question, peer: localPeer({ class: 'container' }) }

/** The user's rules, enforced. */
const by = (...user: readonly Rule[]): Policy => ({ ...NO_RULES, user })

const kindOf = (policy: Policy, changes: Partial<PolicyQuestion> = {}) =>
  decide(policy, { ...question, ...changes }).kind

t.test(
  'without rules a local process may have what was granted, and nobody is asked',
  async (t) => {
    for (const [scope, audience] of [
      [['a'], undefined],
      [['b', 'a'], undefined],
      [[], undefined],
      [undefined, undefined],
      [['c'], API],
    ] as const)
      t.same(decide(NO_RULES, { ...question, scope, audience }), {
        kind: 'allow',
        rule: 'built-in',
        limits: [],
        ...FREE_TERMS,
      })
  },
)

t.test('whoever holds a capability is let in by it, whatever its class', async (t) => {
  for (const name of ['local', ...OTHERS] as const) {
    const peer = localPeer({ class: name })
    t.equal(kindOf(NO_RULES, { peer, listener: 'capability', capability: 'ci' }), 'allow')
  }
})

t.test('everything else is refused without rules, with one reason', async (t) => {
  const table: readonly (readonly [Partial<PolicyQuestion>, string, string])[] = [
    [{ listener: 'admin' }, 'unauthorized_peer', 'no tokens on the "admin" listener'],
    [{ scope: ['z'] }, 'access_denied', 'the scope goes beyond the grant'],
    [{ scope: ['a', 'z'] }, 'access_denied', 'the scope goes beyond the grant'],
    [{ scope: ['c'] }, 'access_denied', 'the scope goes beyond the grant'],
    [{ scope: ['a'], audience: API }, 'access_denied', 'the scope goes beyond the grant'],
    [{ audience: 'https://x.example' }, 'access_denied', 'the audience goes beyond the grant'],
    [{ audience: '', scope: [] }, 'access_denied', 'the audience goes beyond the grant'],
    [
      { peer: localPeer({ class: 'root' }) },
      'unauthorized_peer',
      'the class "root" gets no tokens',
    ],
    ...OTHERS.map(
      (name) =>
        [
          { peer: localPeer({ class: name }) },
          'unauthorized_peer',
          `no rule names the class "${name}"`,
        ] as const,
    ),
  ]
  for (const [changes, code, reason] of table)
    t.same(
      decide(NO_RULES, { ...question, ...changes }),
      { kind: 'deny', rule: 'built-in', code, reason },
      JSON.stringify(changes),
    )
})

t.test(
  'an audience named like a member of every object is refused, whatever is asked',
  async () => {
    const name = fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty')
    fc.assert(
      fc.property(name, fc.array(name), fc.boolean(), (audience, scope, isListed) => {
        const grant = { ...question.grant, audiences: isListed ? [audience] : [] }
        return kindOf(NO_RULES, { grant, audience, scope }) === 'deny'
      }),
    )
  },
)

t.test('a rule that denies beats every rule that allows, and is named', async (t) => {
  const deny = sampleRule('deny', { name: 'no gh', selectors: { executable: ['/usr/bin/git'] } })
  const allow = sampleRule('allow', {
    selectors: { executable: ['/usr/bin/git'], grant: ['work'], class: ['local'] },
  })
  const no = { kind: 'deny', rule: 'no gh', code: 'access_denied', reason: 'a rule denies it' }
  t.same(decide(by(allow, deny), question), no)
  t.same(decide({ ...by(allow), system: [deny] }, question), { ...no, rule: 'system:no gh' })
  t.equal(kindOf(by(allow, { ...deny, window: { days: ['tue'] } })), 'allow', 'only when it counts')
})

t.test('one rule that allows ends the built-in one', async (t) => {
  const other = sampleRule('allow', { selectors: { grant: ['home'] } })
  t.same(decide(by(other), question), {
    kind: 'deny',
    rule: 'built-in',
    code: 'access_denied',
    reason: 'no rule allows it',
  })
  t.equal(kindOf(by(other), { listener: 'capability', capability: 'ci' }), 'deny')
  t.equal(kindOf(by(sampleRule('limit', { terms: { offline: false } }))), 'allow')
})

t.test('the most telling rule gives, then the first of the file', async (t) => {
  const rule = (name: string, selectors: Rule['selectors']) =>
    sampleRule('allow', { name, selectors })
  const given = (...rules: readonly Rule[]) => decide(by(...rules), question).rule
  const program = rule('program', { executable: ['/usr/bin/git'] })
  const grant = rule('grant', { grant: ['work'], scope: ['a'] })
  const all = rule('all', {})
  t.equal(given(all, grant, program), 'program')
  t.equal(given(program, grant, all), 'program')
  t.equal(given(all, grant), 'grant')
  t.equal(given(all, rule('again', {})), 'all')
  const elsewhen = { ...program, window: { hours: { from: 0, to: 60 } } }
  t.equal(given(all, elsewhen), 'all', 'outside of its hours a rule gives nothing')
})

t.test('who does not run beside us must be meant by the rule', async (t) => {
  const reason = 'no rule names the class "container"'
  const broad = sampleRule('allow', { selectors: { executable: ['/usr/bin/git'] } })
  t.match(decide(by(broad), container), { kind: 'deny', code: 'unauthorized_peer', reason })
  const named = sampleRule('allow', { selectors: { class: ['container'] } })
  t.equal(decide(by(named), container).kind, 'allow')
  const holder = { ...container, listener: 'capability', capability: 'ci' } as const
  t.equal(decide(by(broad), holder).kind, 'deny')
  for (const selectors of [{ capability: ['ci'] }, { listener: ['capability' as const] }])
    t.equal(decide(by(sampleRule('allow', { selectors })), holder).kind, 'allow')
  const both = sampleRule('allow', { selectors: { listener: ['broker', 'capability'] } })
  t.equal(decide(by(both), container).kind, 'deny', 'on the broker listener that means nobody')
})

t.test('limits of both files narrow what a rule gives', async (t) => {
  const policy: Policy = {
    mode: 'enforce',
    system: [sampleRule('limit', { name: 'short', terms: { maxLifetimeSeconds: 300 } })],
    user: [
      sampleRule('allow', { name: 'work', terms: { maxLifetimeSeconds: 600, consent: 'once' } }),
      sampleRule('limit', { name: 'a only', terms: { maxScope: ['a'], offline: false } }),
      sampleRule('limit', {
        name: 'home',
        selectors: { grant: ['home'] },
        terms: { consent: 'always' },
      }),
    ],
  }
  t.same(decide(policy, { ...question, scope: undefined }), {
    kind: 'allow',
    rule: 'work',
    limits: ['system:short', 'a only'],
    scopeCap: ['a'],
    maxLifetimeSeconds: 300,
    consent: 'once',
    rates: [],
    offline: false,
  })
  t.same(decide(policy, { ...question, scope: ['a', 'b'] }), {
    kind: 'deny',
    rule: 'a only',
    code: 'access_denied',
    reason: '"b" goes beyond "max_scope"',
  })
})

t.test('where nothing granted lies within the cap there is no token without a scope', async (t) => {
  const capped = by(sampleRule('limit', { name: 'z', terms: { maxScope: ['z'] } }))
  const reason = 'nothing that was granted lies within "max_scope"'
  t.match(decide(capped, { ...question, scope: undefined }), { kind: 'deny', rule: 'z', reason })
  const unscoped = granted({ scopes: { '': ['openid'] } })
  t.match(decide(capped, { ...question, grant: unscoped, scope: undefined }), { reason })
})

t.test('outside the hours of a limit there is nothing', async (t) => {
  const office = sampleRule('limit', {
    name: 'office',
    window: { hours: { from: 480, to: 1080 }, days: ['mon'] },
  })
  t.match(decide(by(office), question), { kind: 'allow', limits: ['office'] })
  t.match(decide(by(office), { ...question, time: { day: 'mon', minute: 1080 } }), {
    kind: 'deny',
    rule: 'office',
    code: 'access_denied',
    reason: 'only mon 08:00-18:00',
  })
})

t.test('break-glass lifts the rules that say so, and no other', async (t) => {
  const isGlassBroken = true
  for (const [rule, isLifted] of [
    [sampleRule('deny'), false],
    [sampleRule('deny', { isBreakGlass: true }), true],
    [sampleRule('limit', { isBreakGlass: true, window: { days: ['tue'] } }), true],
    [sampleRule('limit', { window: { days: ['tue'] } }), false],
  ] as const) {
    t.equal(kindOf(by(rule)), 'deny')
    t.equal(kindOf(by(rule), { isGlassBroken }), isLifted ? 'allow' : 'deny')
    t.equal(kindOf({ ...NO_RULES, system: [rule] }, { isGlassBroken }), isLifted ? 'allow' : 'deny')
  }
})

t.test('a decision names what was lifted for it, and goes no further than the login', async (t) => {
  const isGlassBroken = true
  const marked = sampleRule('limit', {
    name: 'narrow',
    isBreakGlass: true,
    terms: { maxScope: ['a'] },
  })
  const policy = { ...by(marked), system: [sampleRule('deny', { isBreakGlass: true })] }
  t.match(decide(policy, { ...question, isGlassBroken }), {
    kind: 'allow',
    limits: [],
    lifted: ['system:deny', 'narrow'],
    scopeCap: undefined,
  })
  t.notOk('lifted' in decide(NO_RULES, { ...question, isGlassBroken }))
  t.notOk('lifted' in decide(by(marked), question))
  t.match(decide(policy, { ...question, isGlassBroken, scope: ['never:granted'] }), {
    kind: 'deny',
    rule: 'built-in',
  })
})

t.test('rules that are tried out refuse nothing, and say what they would', async (t) => {
  const deny = sampleRule('deny', { name: 'no' })
  const tried: Policy = { ...by(deny), mode: 'audit' }
  t.same(decide(tried, question), {
    kind: 'allow',
    rule: 'built-in',
    limits: [],
    ...FREE_TERMS,
    wouldDeny: { rule: 'no', reason: 'a rule denies it' },
  })
  t.match(decide({ ...tried, system: [deny] }, question), { kind: 'deny', rule: 'system:no' })
  t.match(decide(tried, { ...question, listener: 'admin' }), { kind: 'deny', rule: 'built-in' })
  t.match(decide(tried, container), { kind: 'deny', rule: 'built-in' })
})

t.test('who is let in by a tried rule alone gets what that rule gives', async (t) => {
  const allow = sampleRule('allow', {
    name: 'box',
    selectors: { class: ['container'] },
    terms: { maxScope: ['a'], rate: { tokens: 1, seconds: 60 } },
  })
  const tried: Policy = { ...by(allow, sampleRule('deny', { name: 'no' })), mode: 'audit' }
  t.match(decide(tried, container), {
    kind: 'allow',
    rule: 'box',
    scopeCap: ['a'],
    rates: [{ rule: 'box', tokens: 1 }],
    wouldDeny: { rule: 'no' },
  })
  t.match(decide(tried, { ...container, scope: ['b'] }), { kind: 'deny', rule: 'box' })
  t.match(decide(tried, question), { kind: 'allow', rule: 'built-in' })
})

t.test('rates of tried rules are told, and bind nobody', async (t) => {
  const limit = sampleRule('limit', { name: 'slow', terms: { rate: { tokens: 1, seconds: 9 } } })
  t.same(decide({ ...by(limit), mode: 'audit' }, question), {
    kind: 'allow',
    rule: 'built-in',
    limits: [],
    ...FREE_TERMS,
    triedRates: [{ rule: 'slow', tokens: 1, seconds: 9 }],
  })
})

t.test('an explanation has a word on every rule', async (t) => {
  const policy: Policy = {
    mode: 'enforce',
    system: [sampleRule('limit', { name: 'short', terms: { maxLifetimeSeconds: 60 } })],
    user: [
      sampleRule('allow', { name: 'all' }),
      sampleRule('allow', { name: 'git', selectors: { executable: ['/usr/bin/git'] } }),
      sampleRule('allow', { name: 'night', window: { hours: { from: 1320, to: 360 } } }),
      sampleRule('deny', { name: 'relays', selectors: { class: ['relay'] } }),
      sampleRule('deny', { name: 'glass', isBreakGlass: true }),
      sampleRule('limit', { name: 'tuesdays', window: { days: ['tue'] } }),
    ],
  }
  const words = explain(policy, { ...question, isGlassBroken: true }).rules.map(
    ({ level, name, verdict, why }) => [level, name, verdict, why],
  )
  t.same(words, [
    ['system', 'short', 'narrows', 'fits'],
    ['user', 'all', 'beaten', 'another rule fits better'],
    ['user', 'git', 'allows', 'fits best of all that allow'],
    ['user', 'night', 'no_match', 'it is not 22:00-06:00'],
    ['user', 'relays', 'no_match', '"class" is "local"'],
    ['user', 'glass', 'lifted', 'lifted by break-glass'],
    ['user', 'tuesdays', 'refuses', 'fits, and it is not tue'],
  ])
  t.match(explain(NO_RULES, question).rules, [
    { level: 'built-in', verdict: 'allows' },
    { level: 'built-in', verdict: 'no_match' },
  ])
  t.same(explain(policy, { ...question, listener: 'admin' }).rules, [])
  t.match(explain(by(sampleRule('allow')), container).rules, [
    { verdict: 'no_match', why: 'it does not name the class "container"' },
  ])
})

/** True when whoever gets the first gets nothing that the second would not give. */
function isWithin(
  one: Decision,
  other: Decision,
  { grant, scope, audience }: PolicyQuestion,
): boolean {
  if (one.kind === 'deny') return true
  if (other.kind === 'deny') return false
  const asked = askedScope({ grant, scope, audience })
  const life = ({ maxLifetimeSeconds = Number.POSITIVE_INFINITY }: typeof one) => maxLifetimeSeconds
  const rates = new Set(one.rates.map((rate) => JSON.stringify(rate)))
  const given = asked.filter((word) => beyondCap([word], one.scopeCap).length === 0)
  return (
    beyondCap(given, other.scopeCap).length === 0 &&
    life(one) <= life(other) &&
    !isStricterConsent(other.consent, one.consent) &&
    other.rates.every((rate) => rates.has(JSON.stringify(rate))) &&
    (other.offline || !one.offline)
  )
}

const RUNS = { numRuns: 3_000 }

t.test('a rule that denies or limits never widens, in either file and at any place', async () => {
  fc.assert(
    fc.property(
      anyPolicy,
      anyRule('deny', 'limit'),
      fc.constantFrom('system' as const, 'user' as const),
      fc.nat(4),
      anyQuestion,
      (policy, rule, level, place, asked) => {
        const more = { ...policy, [level]: policy[level].toSpliced(place, 0, rule) }
        return isWithin(decide(more, asked), decide(policy, asked), asked)
      },
    ),
    RUNS,
  )
})

t.test('the system file never widens', async () => {
  fc.assert(
    fc.property(anyPolicy, anyQuestion, (policy, asked) =>
      isWithin(decide(policy, asked), decide({ ...policy, system: [] }, asked), asked),
    ),
    RUNS,
  )
})

t.test('to enforce what was tried out never widens', async () => {
  fc.assert(
    fc.property(anyPolicy, anyQuestion, (policy, asked) => {
      const enforced = decide({ ...policy, mode: 'enforce' }, asked)
      const tried = decide({ ...policy, mode: 'audit' }, asked)
      if (enforced.kind === 'deny')
        return tried.kind === 'deny' || tried.wouldDeny?.rule === enforced.rule
      return tried.kind === 'allow' && tried.wouldDeny === undefined
    }),
    RUNS,
  )
})

t.test('the order of rules that take away does not matter', async () => {
  const plain = (decision: Decision) =>
    decision.kind === 'deny'
      ? 'deny'
      : JSON.stringify([
          decision.rule,
          [...(decision.scopeCap ?? ['everything'])].sort(),
          decision.maxLifetimeSeconds,
          decision.consent,
          decision.offline,
          decision.rates.map((rate) => JSON.stringify(rate)).sort(),
          [...decision.limits].sort(),
        ])
  fc.assert(
    fc.property(anyPolicy, anyQuestion, (policy, asked) => {
      const isAllow = ({ effect }: Rule) => effect === 'allow'
      const turned = {
        ...policy,
        system: policy.system.toReversed(),
        user: [
          ...policy.user.filter((rule) => !isAllow(rule)).toReversed(),
          ...policy.user.filter(isAllow),
        ],
      }
      return plain(decide(policy, asked)) === plain(decide(turned, asked))
    }),
    RUNS,
  )
})

t.test('what is decided is what is explained, and some rule bears it out', async () => {
  const has = (rules: readonly RuleVerdict[], verdict: RuleVerdict['verdict']) =>
    rules.some((rule) => rule.verdict === verdict)
  fc.assert(
    fc.property(anyPolicy, anyQuestion, (policy, asked) => {
      const { decision, rules } = explain(policy, asked)
      if (JSON.stringify(decide(policy, asked)) !== JSON.stringify(decision)) return false
      if (policy.mode === 'audit' || rules.length === 0) return true
      const winners = rules.filter(({ verdict }) => verdict === 'allows').length
      if (decision.kind === 'deny')
        return winners <= 1 && (decision.rule === 'built-in' ? winners === 0 : true)
      return winners === 1 && !has(rules, 'denies') && !has(rules, 'refuses')
    }),
    RUNS,
  )
})

t.test('nobody gets a scope that was not granted, whatever the rules say', async () => {
  fc.assert(
    fc.property(anyPolicy, anyQuestion, (policy, asked) => {
      const isGranted = (asked.scope ?? []).every((word) => asked.grant.scopes['']?.includes(word))
      return isGranted || decide(policy, asked).kind === 'deny'
    }),
    RUNS,
  )
})
