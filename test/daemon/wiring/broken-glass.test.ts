import t from 'tap'
import { NO_RULES } from '../../../daemon/config/config-files.ts'
import { DEFAULT_CONFIG } from '../../../daemon/config/parse-config.ts'
import { brokenGlass, watchBrokenGlass } from '../../../daemon/wiring/broken-glass.ts'
import { FakeAudit } from '../../fakes/fake-audit.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

const asked = { reason: 'fire', class: 'local', seconds: 60, rules: ['no'] } as const

t.test('another configuration ends it, and so does a broken one', async (t) => {
  for (const isBroken of [false, true]) {
    const first = { ...DEFAULT_CONFIG, ceiling: {}, policy: NO_RULES }
    let current = () => first
    const audit = new FakeAudit()
    const glass = brokenGlass(new FakeClock(), { current: () => current() }, audit)
    glass.begin({ ...asked, grant: 'work', grantId: 'grant-1' })
    t.equal(glass.list().length, 1)
    current = () => {
      if (isBroken) throw new Error('broken')
      return { ...first }
    }
    t.same(glass.list(), [])
    t.match(audit.last, { reason: 'policy_changed' })
  }
})

t.test('it is looked at without anybody asking, until it is stopped', async (t) => {
  let stop: (() => void) | undefined
  // the process of this test would not end with a timer that goes on
  await new Promise<void>((resolve) => {
    stop = watchBrokenGlass({ sweep: resolve })
  })
  stop?.()
  t.pass()
})
