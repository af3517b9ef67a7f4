import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { BREAK_GLASS_CHECK_MS } from '../../../daemon/base/limits.ts'
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
  let looks = 0
  let stop: () => void = () => t.fail('nothing was begun')
  await new Promise<void>((resolve) => {
    stop = watchBrokenGlass({
      sweep: () => {
        looks += 1
        resolve()
      },
    })
  })
  stop()
  t.equal(looks, 1)
  await pause(BREAK_GLASS_CHECK_MS * 1.5)
  t.equal(looks, 1, 'nor afterwards')
})
