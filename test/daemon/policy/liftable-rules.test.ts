import t from 'tap'
import { NO_RULES, type Policy } from '../../../daemon/config/config-files.ts'
import { liftableRules } from '../../../daemon/policy/liftable-rules.ts'
import { sampleRule } from '../../fakes/sample-rule.ts'

const isBreakGlass = true
const policy: Policy = {
  ...NO_RULES,
  system: [sampleRule('deny', { name: 'a', isBreakGlass }), sampleRule('deny', { name: 'b' })],
  user: [
    sampleRule('limit', { name: 'c', isBreakGlass, selectors: { grant: ['work', 'home'] } }),
    sampleRule('deny', { name: 'd', isBreakGlass, selectors: { class: ['relay'] } }),
    sampleRule('deny', { name: 'e', selectors: { grant: ['work'] } }),
  ],
}

t.test('marked rules that speak of the grant and the class, or of any', async (t) => {
  t.same(liftableRules(policy, 'work', 'local'), ['system:a', 'c'])
  t.same(liftableRules(policy, 'work', 'relay'), ['system:a', 'c', 'd'])
  t.same(liftableRules(policy, 'other', 'relay'), ['system:a', 'd'])
  t.same(liftableRules(NO_RULES, 'work', 'local'), [])
})

t.test('rules that are only tried out need no lifting', async (t) => {
  t.same(liftableRules({ ...policy, mode: 'audit' }, 'work', 'relay'), ['system:a'])
})
