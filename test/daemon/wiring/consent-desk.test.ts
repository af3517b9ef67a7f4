import t from 'tap'
import { NO_RULES } from '../../../daemon/config/config-files.ts'
import { DEFAULT_CONFIG } from '../../../daemon/config/parse-config.ts'
import { consentDesk } from '../../../daemon/wiring/consent-desk.ts'
import { FakeAudit } from '../../fakes/fake-audit.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

t.test('a desk that was just made waits for nobody', async (t) => {
  const desk = consentDesk(
    { clock: new FakeClock(), environment: {}, uid: process.getuid?.() ?? -1 },
    {
      current: () => ({ ...DEFAULT_CONFIG, ceiling: {}, policy: NO_RULES }),
      problem: () => undefined,
    },
    new FakeAudit([]),
  )
  t.same([desk.pending, desk.refused], [0, 0])
  await desk.close()
})
