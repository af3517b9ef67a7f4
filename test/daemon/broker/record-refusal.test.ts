import t from 'tap'
import { RefusalRecord } from '../../../daemon/broker/record-refusal.ts'
import { FakeAudit } from '../../fakes/fake-audit.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { samplePeer } from '../../fakes/sample-grant.ts'

function scene() {
  const audit = new FakeAudit()
  const clock = new FakeClock()
  return { audit, clock, refusals: new RefusalRecord({ audit, clock }) }
}

t.test('who is refused is on record, known or not', async (t) => {
  const { audit, refusals } = scene()
  const relay = samplePeer({ class: 'relay' })
  refusals.record(relay, 'unauthorized_peer')
  refusals.record(undefined, 'unknown_peer')
  t.same(audit.entries, [
    { event: 'peer.refused', peer: relay, reason: 'unauthorized_peer' },
    { event: 'peer.refused', reason: 'unknown_peer' },
  ])
})

t.test('a flood of one process hides nobody else, and is counted', async (t) => {
  const { audit, clock, refusals } = scene()
  for (let i = 0; i < 1_000; i++) refusals.record(samplePeer({ pid: 1 }), 'other_uid')
  refusals.record(samplePeer({ pid: 2 }), 'other_uid')
  clock.advance(999)
  refusals.record(samplePeer({ pid: 1 }), 'other_uid')
  clock.advance(1)
  refusals.record(samplePeer({ pid: 1 }), 'other_uid')
  t.same(
    audit.entries.map(({ peer, reason }) => [peer?.pid, reason]),
    [
      [1, 'other_uid'],
      [2, 'other_uid, 999 more before'],
      [1, 'other_uid, 1 more before'],
    ],
  )
})

t.test('a flood of many processes does not fill the disk', async (t) => {
  const { audit, clock, refusals } = scene()
  for (let pid = 1; pid <= 1_000; pid++) refusals.record(samplePeer({ pid }), 'other_uid')
  t.equal(audit.entries.length, 8)
  clock.advance(1_000)
  refusals.record(undefined, 'other_uid')
  t.equal(audit.last?.reason, 'other_uid, 992 more before')
})

t.test('a refusal that cannot be recorded is told', async (t) => {
  const { audit, refusals } = scene()
  audit.failing = 'all'
  t.throws(() => refusals.record(samplePeer(), 'x'), { code: 'audit_unavailable' })
})
