import t from 'tap'
import type { AuditEntry } from '../../../daemon/audit/audit-record.ts'
import { spendNewRates, spendRates } from '../../../daemon/broker/spend-rates.ts'
import type { Allowed } from '../../../daemon/policy/decision.ts'
import { RateBuckets } from '../../../daemon/policy/rate-buckets.ts'
import { FREE_TERMS } from '../../../daemon/policy/terms.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { sampleCaller } from '../../fakes/fake-rooms.ts'
import { sampleGrant, samplePeer } from '../../fakes/sample-grant.ts'

const rate = { rule: 'slow', tokens: 1, seconds: 60 }
const allowed: Allowed = { kind: 'allow', rule: 'r', limits: [], ...FREE_TERMS }

function world() {
  const rooms = { rates: new RateBuckets(new FakeClock()) }
  const spend = (given: Partial<Allowed>, caller = sampleCaller()) => {
    const entry: { wouldDeny?: AuditEntry['wouldDeny'] } = {}
    spendRates(rooms, caller, sampleGrant(), { ...allowed, ...given }, entry)
    return entry
  }
  return spend
}

t.test('beyond the rate there is nothing, and when there is again', async (t) => {
  const spend = world()
  t.same(spend({ rates: [rate] }), {})
  t.throws(() => spend({ rates: [rate] }), {
    code: 'rate_limited',
    message: 'the rule "slow" gives no more for now',
    retryAfterSeconds: 60,
  })
  t.same(spend({}), {}, 'no rate, no count')
})

t.test('a rate that is only tried out refuses nothing', async (t) => {
  const spend = world()
  t.same(spend({ triedRates: [rate] }), {})
  t.same(spend({ triedRates: [rate] }), { wouldDeny: { rule: 'slow', reason: 'rate_limited' } })
})

t.test('all processes of a program share a count, and all holders of a capability', async (t) => {
  const spend = world()
  const given = { rates: [rate] }
  const { executable: _, ...unknown } = samplePeer()
  spend(given)
  t.throws(() => spend(given, sampleCaller({ peer: samplePeer({ pid: 7 }) })))
  spend(given, sampleCaller({ peer: samplePeer({ executable: '/usr/bin/other' }) }))
  spend(given, sampleCaller({ peer: unknown }))
  t.throws(() => spend(given, sampleCaller({ peer: unknown })))
  spend(given, sampleCaller({ peer: { ...unknown, pid: 7 } }))
  spend(given, sampleCaller({ capability: 'ci' }))
  t.throws(() => spend(given, sampleCaller({ capability: 'ci', peer: { ...unknown, pid: 8 } })))
})

t.test('a rate that is new when a token leaves is counted then, and no other', async (t) => {
  const rooms = { rates: new RateBuckets(new FakeClock()) }
  const spend = (before: Partial<Allowed>, now: Partial<Allowed>) => {
    const entry: { wouldDeny?: AuditEntry['wouldDeny'] } = {}
    const [then, since] = [before, now].map((one) => ({ ...allowed, ...one }))
    spendNewRates(rooms, sampleCaller(), sampleGrant(), then ?? allowed, since ?? allowed, entry)
    return entry
  }
  for (let times = 0; times < 3; times += 1)
    t.same(spend({ rates: [rate] }, { rates: [{ ...rate }] }), {}, 'it was counted before')
  t.same(spend({ rates: [rate] }, {}), {})
  const other = { ...rate, seconds: 30 }
  t.same(spend({ rates: [rate] }, { rates: [other] }), {})
  t.throws(() => spend({ rates: [rate] }, { rates: [other] }), { code: 'rate_limited' })
  t.same(spend({}, { triedRates: [rate] }), {})
  t.match(spend({}, { triedRates: [rate] }), { wouldDeny: { reason: 'rate_limited' } })
})
