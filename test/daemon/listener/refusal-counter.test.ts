import t from 'tap'
import type { LogFields } from '../../../daemon/base/describe-error.ts'
import { RefusalCounter } from '../../../daemon/listener/refusal-counter.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { samplePeer } from '../../fakes/sample-grant.ts'

t.test('every refusal is counted, and a flood writes one line a second', async (t) => {
  const clock = new FakeClock()
  const lines: (LogFields | undefined)[] = []
  const log = {
    info: () => undefined,
    warn: (_message: string, fields?: LogFields) => void lines.push(fields),
    error: () => undefined,
    setLevel: () => undefined,
  }
  const counter = new RefusalCounter({ clock, log })
  t.equal(counter.total, 0)
  for (let i = 0; i < 1_000; i++) counter.count('other_uid', samplePeer({ uid: 5 }))
  clock.advance(999)
  counter.count('unknown_peer', undefined)
  clock.advance(1)
  counter.count('too_many', undefined)
  counter.count('too_many_of_process', undefined)
  t.equal(counter.total, 1_003)
  t.equal(counter.overLimit, 2)
  t.same(lines, [
    { refusal: 'other_uid', uid: 5, pid: 4242, executable: '/usr/bin/tool', more: 0 },
    { refusal: 'too_many', uid: undefined, pid: undefined, executable: undefined, more: 1_000 },
  ])
})
