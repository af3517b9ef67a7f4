import fc from 'fast-check'
import t from 'tap'
import { NO_RULES, type Policy } from '../../../daemon/config/config-files.ts'
import type { QuestionOfNow } from '../../../daemon/policy/current-policy.ts'
import { decide } from '../../../daemon/policy/decide.ts'
import type { Decision } from '../../../daemon/policy/decision.ts'
import { RecentDecisions } from '../../../daemon/policy/recent-decisions.ts'
import { anyPolicy, anyQuestion } from '../../fakes/any-policy.ts'
import { granted } from '../../fakes/granted.ts'
import { localPeer } from '../../fakes/local-peer.ts'
import { sampleRule } from '../../fakes/sample-rule.ts'

const QUESTION: Required<QuestionOfNow> = {
  peer: localPeer(),
  executableSha256: 'ab',
  listener: 'broker',
  capability: undefined,
  grant: granted(),
  scope: ['a', 'b'],
  audience: undefined,
  isGlassBroken: false,
}

const DENIED: Decision = { kind: 'deny', rule: 'r', code: 'access_denied', reason: 'no' }

function world() {
  const recent = new RecentDecisions()
  let made = 0
  const ask = (question: QuestionOfNow, policy: Policy = NO_RULES): number => {
    recent.decide(policy, question, () => {
      made += 1
      return DENIED
    })
    return made
  }
  return { ask }
}

t.test('the same question under the same rules is decided once', async (t) => {
  const { ask } = world()
  t.same([ask(QUESTION), ask({ ...QUESTION, scope: ['a', 'b'] })], [1, 1])
})

t.test('whatever is another in a question or in the rules has the rules asked again', async (t) => {
  const others: { readonly [K in keyof Required<QuestionOfNow>]: readonly QuestionOfNow[K][] } = {
    peer: [localPeer()],
    executableSha256: ['cd', undefined],
    listener: ['admin'],
    capability: ['ci'],
    grant: [granted()],
    scope: [undefined, [], ['a'], ['b', 'a'], ['a', 'b', 'c']],
    audience: ['https://api.example'],
    isGlassBroken: [true],
  }
  for (const [name, values] of Object.entries(others))
    for (const value of values) {
      const { ask } = world()
      const changed = { ...QUESTION, [name]: value }
      t.same([ask(QUESTION), ask(changed), ask(changed), ask(QUESTION)].at(1), 2, name)
    }
  const { ask } = world()
  t.same([ask(QUESTION), ask(QUESTION, { ...NO_RULES })], [1, 2])
})

t.test('while a rule looks at the time every question is a new one', async (t) => {
  const windows = [{ hours: { from: 0, to: 1 } }, { days: ['sun'] as const }]
  for (const window of windows)
    for (const level of ['system', 'user'] as const) {
      const { ask } = world()
      const policy = { ...NO_RULES, [level]: [sampleRule('deny'), sampleRule('limit', { window })] }
      t.same([ask(QUESTION, policy), ask(QUESTION, policy)], [1, 2])
    }
})

t.test('whatever is asked in whatever order, the answer is the one of the rules', async () => {
  fc.assert(
    fc.property(
      fc.array(anyPolicy, { minLength: 1, maxLength: 3 }),
      fc.array(anyQuestion, { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { maxLength: 40 }),
      (policies, questions, asked) => {
        const recent = new RecentDecisions()
        const peer = localPeer()
        return asked.every(([one, other, third]) => {
          const policy = policies[one % policies.length] ?? NO_RULES
          const { time, ...question } = questions[other % questions.length] ?? QUESTION_NOW
          // few peers, so that there is something to remember
          const now = third % 2 === 0 ? { ...question, peer } : question
          const decision = decide(policy, { ...now, time })
          const found = recent.decide(policy, now, () => decision)
          return JSON.stringify(found) === JSON.stringify(decision)
        })
      },
    ),
  )
})

const QUESTION_NOW = { ...QUESTION, time: { day: 'mon', minute: 600 } } as const
