import t from 'tap'
import { NO_RULES, type Policy } from '../../../daemon/config/config-files.ts'
import { currentPolicy } from '../../../daemon/policy/current-policy.ts'
import { granted } from '../../fakes/granted.ts'
import { localPeer } from '../../fakes/local-peer.ts'
import { sampleRule } from '../../fakes/sample-rule.ts'

const question = {
  peer: localPeer(),
  listener: 'broker',
  grant: granted(),
  scope: ['repo:read'],
  audience: undefined,
} as const

function world() {
  const say: { policy: () => Policy; minute: number } = { policy: () => NO_RULES, minute: 600 }
  const policy = currentPolicy({
    rules: () => say.policy(),
    time: () => ({ day: 'mon', minute: say.minute }),
  })
  return { say, policy }
}

t.test('every answer is that of the rules and the time of now', async (t) => {
  const { say, policy } = world()
  t.equal(policy.decide(question).kind, 'allow')
  const office = sampleRule('limit', { window: { hours: { from: 480, to: 1080 } } })
  say.policy = () => ({ ...NO_RULES, user: [office] })
  t.equal(policy.decide(question).kind, 'allow')
  t.ok(policy.couldGive(question))
  say.minute = 1200
  t.equal(policy.decide(question).kind, 'deny')
  t.notOk(policy.couldGive(question))
  t.equal(policy.explain(question).decision.kind, 'deny')
  t.equal(policy.explain(question, { day: 'mon', minute: 600 }).decision.kind, 'allow')
})

t.test('a hash is wanted where a rule of either file selects by one', async (t) => {
  const { say, policy } = world()
  const rule = sampleRule('deny', { selectors: { executableSha256: ['ab'] } })
  t.notOk(policy.needsHash())
  say.policy = () => ({ ...NO_RULES, user: [sampleRule('deny'), rule] })
  t.ok(policy.needsHash())
  say.policy = () => ({ ...NO_RULES, system: [rule] })
  t.ok(policy.needsHash())
})

t.test('what break-glass would lift is looked at anew', async (t) => {
  const { say, policy } = world()
  t.same(policy.liftable('work', 'local'), [])
  say.policy = () => ({ ...NO_RULES, user: [sampleRule('deny', { isBreakGlass: true })] })
  t.same(policy.liftable('work', 'local'), ['deny'])
})

t.test('while the rules are broken there is no answer at all', async (t) => {
  const { say, policy } = world()
  say.policy = () => {
    throw new Error('broken')
  }
  t.throws(() => policy.decide(question), { message: 'broken' })
  t.throws(() => policy.explain(question), { message: 'broken' })
  t.throws(() => policy.needsHash(), { message: 'broken' })
  t.throws(() => policy.liftable('work', 'local'), { message: 'broken' })
  t.throws(() => policy.couldGive(question), { message: 'broken' })
})
