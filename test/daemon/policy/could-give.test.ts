import fc from 'fast-check'
import t from 'tap'
import { NO_RULES, type Policy } from '../../../daemon/config/config-files.ts'
import type { Rule } from '../../../daemon/config/rule.ts'
import { couldGive, type RenewalQuestion } from '../../../daemon/policy/could-give.ts'
import { decide } from '../../../daemon/policy/decide.ts'
import { anyPolicy, anyQuestion } from '../../fakes/any-policy.ts'
import { granted } from '../../fakes/granted.ts'
import { sampleRule } from '../../fakes/sample-rule.ts'

const question: RenewalQuestion = {
  grant: granted(),
  scope: ['repo:read'],
  audience: undefined,
  time: { day: 'mon', minute: 600 },
}
const git = { executable: ['/usr/bin/git'] }
const home = { grant: ['home'] }
const tuesday = { days: ['tue'] } as const

const by = (...user: readonly Rule[]): Policy => ({ ...NO_RULES, user })

t.test('a token that no rule would hand out to anybody', async (t) => {
  const table: readonly (readonly [string, readonly Rule[], boolean])[] = [
    ['no rules', [], true],
    ['denied to all', [sampleRule('deny')], false],
    ['denied to some', [sampleRule('deny', { selectors: git })], true],
    ['another is denied', [sampleRule('deny', { selectors: home })], true],
    ['denied another day', [sampleRule('deny', { window: tuesday })], true],
    ['allowed to some', [sampleRule('allow', { selectors: git })], true],
    ['another is allowed', [sampleRule('allow', { selectors: home })], false],
    ['allowed another day', [sampleRule('allow', { window: tuesday })], false],
    ['allowed less', [sampleRule('allow', { terms: { maxScope: ['x'] } })], false],
    ['limited to less', [sampleRule('limit', { terms: { maxScope: ['x'] } })], false],
    ['limited to it', [sampleRule('limit', { terms: { maxScope: ['repo:read'] } })], true],
    ['closed today', [sampleRule('limit', { window: tuesday })], false],
    ['closed for some', [sampleRule('limit', { selectors: git, window: tuesday })], true],
    ['another scope', [sampleRule('deny', { selectors: { scope: ['repo:write'] } })], true],
    ['this scope', [sampleRule('deny', { selectors: { scope: ['repo:read'] } })], false],
  ]
  for (const [what, rules, could] of table) {
    t.equal(couldGive(by(...rules), question), could, what)
    const system = rules.filter(({ effect }) => effect !== 'allow')
    if (system.length > 0) t.equal(couldGive({ ...NO_RULES, system }, question), could, what)
    t.ok(couldGive({ ...by(...rules), mode: 'audit' }, question), 'what is tried out ends nothing')
  }
})

t.test('whatever somebody is given could be given', async () => {
  fc.assert(
    fc.property(anyPolicy, anyQuestion, (policy, asked) => {
      const from = { ...asked, isGlassBroken: false, scope: asked.scope ?? [] }
      return decide(policy, from).kind === 'deny' || couldGive(policy, from)
    }),
    { numRuns: 3_000 },
  )
})
