import t from 'tap'
import { REQUEST_BURST, REQUESTS_PER_SECOND } from '../../../daemon/base/limits.ts'
import { RefusalRecord } from '../../../daemon/broker/record-refusal.ts'
import { RequestRate } from '../../../daemon/broker/request-rate.ts'
import { FakeAudit } from '../../fakes/fake-audit.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { sampleCaller } from '../../fakes/fake-rooms.ts'
import { samplePeer } from '../../fakes/sample-grant.ts'

function world() {
  const clock = new FakeClock()
  const audit = new FakeAudit([])
  const rate = new RequestRate({ clock, refusals: new RefusalRecord({ audit, clock }) })
  /** Asks so often as it may. */
  const drain = (grant: string | undefined, caller = sampleCaller()): number => {
    let given = 0
    try {
      for (;;) {
        rate.spend(caller, grant)
        given += 1
      }
    } catch {
      return given
    }
  }
  return { clock, audit, rate, drain }
}

t.test(
  'without any rule there is a burst, a rate, and then an answer that says when',
  async (t) => {
    const { clock, rate, drain } = world()
    t.equal(drain('g'), REQUEST_BURST)
    t.throws(() => rate.spend(sampleCaller(), 'g'), {
      code: 'rate_limited',
      message: 'this program asks far too often for this grant',
      retryAfterSeconds: 1,
    })
    t.equal(rate.refused, 2)
    clock.advance(1_000)
    t.equal(drain('g'), REQUESTS_PER_SECOND)
  },
)

t.test('each program and grant has its own, and a new process no new one', async (t) => {
  const { drain } = world()
  t.equal(drain('g'), REQUEST_BURST)
  t.equal(drain('g', sampleCaller({ peer: samplePeer({ pid: 7 }) })), 0)
  t.equal(drain('h'), REQUEST_BURST)
  t.equal(drain('g', sampleCaller({ peer: samplePeer({ executable: '/x' }) })), REQUEST_BURST)
  t.equal(drain(undefined), REQUEST_BURST, 'what is no grant has one')
})

t.test('a flood writes one line a second, not one for each request', async (t) => {
  const { clock, audit, rate, drain } = world()
  drain('g')
  for (let i = 0; i < 1_000; i++) drain('g')
  t.equal(rate.refused, 1_001)
  t.equal(audit.entries.length, 1)
  t.match(audit.last, { event: 'peer.refused', reason: 'rate_limited' })
  clock.advance(1_000)
  drain('g')
  t.match(audit.last, { reason: 'rate_limited, 1000 more before' })
})
