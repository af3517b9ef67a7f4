import t from 'tap'
import { RecentRefusals } from '../../../daemon/consent/recent-refusals.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { samplePeer } from '../../fakes/sample-grant.ts'
import { sampleQuestion } from '../../fakes/sample-question.ts'

t.test('a no counts for a while, whichever process of the program asks', async (t) => {
  const clock = new FakeClock()
  const refusals = new RecentRefusals({ clock, pauseMs: 10_000 })
  t.equal(refusals.counts(sampleQuestion()), false)
  refusals.note(sampleQuestion())
  clock.advance(9_999)
  t.equal(refusals.counts(sampleQuestion({ peer: samplePeer({ pid: 7 }), scope: ['x'] })), true)
  t.equal(refusals.counts(sampleQuestion({ grantId: 'other' })), false)
  t.equal(
    refusals.counts(sampleQuestion({ peer: samplePeer({ executable: '/usr/bin/other' }) })),
    false,
  )
  clock.advance(1)
  t.equal(refusals.counts(sampleQuestion()), false)
})

t.test('a flood of refusals takes no memory', async (t) => {
  const refusals = new RecentRefusals({ clock: new FakeClock(), pauseMs: 10_000 })
  const of = (n: number) => sampleQuestion({ grantId: `g${n}` })
  for (let n = 0; n < 300; n += 1) refusals.note(of(n))
  t.equal(refusals.counts(of(0)), false)
  t.equal(refusals.counts(of(299)), true)
})
