import t from 'tap'
import { NO_RULES } from '../../../daemon/config/config-files.ts'
import { DEFAULT_CONFIG } from '../../../daemon/config/parse-config.ts'
import { consentDesk } from '../../../daemon/wiring/consent-desk.ts'
import { FakeAudit } from '../../fakes/fake-audit.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { sampleQuestion } from '../../fakes/sample-question.ts'

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

t.test('an owner under another uid is shown nothing', async (t) => {
  const uid = process.getuid?.() ?? -1
  const audit = new FakeAudit([])
  const desk = consentDesk(
    { clock: new FakeClock(), environment: {}, uid, owner: uid + 1 },
    {
      current: () => ({ ...DEFAULT_CONFIG, ceiling: {}, policy: NO_RULES }),
      problem: () => undefined,
    },
    audit,
  )
  const answer = await desk.ask(sampleQuestion(), 'once', { onGone: () => () => undefined })
  t.match(answer, { kind: 'unavailable', reason: /uid of its own/ })
  t.same(audit.events(), ['consent.asked', 'consent.denied'])
  await desk.close()
})

t.test('where nothing can show a question the answer is no, on record', async (t) => {
  const audit = new FakeAudit([])
  const nowhere = t.testdirName
  const consent = { ...DEFAULT_CONFIG.consent, pinentry: `${nowhere}/no-such-pinentry` }
  const desk = consentDesk(
    {
      clock: new FakeClock(),
      environment: { DISPLAY: ':0', SSH_ASKPASS: `${nowhere}/no-such-askpass` },
      uid: process.getuid?.() ?? -1,
    },
    {
      current: () => ({ ...DEFAULT_CONFIG, consent, ceiling: {}, policy: NO_RULES }),
      problem: () => undefined,
    },
    audit,
  )
  const answer = await desk.ask(sampleQuestion(), 'once', { onGone: () => () => undefined })
  t.match(answer, { kind: 'unavailable' })
  t.same(audit.events(), ['consent.asked', 'consent.denied'])
  await desk.close()
})
