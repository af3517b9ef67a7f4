import t from 'tap'
import { openAuditTrail } from '../../../daemon/wiring/audit-trail.ts'
import { auditOptions } from '../../fakes/open-audit.ts'

t.test('what is written can be read', async (t) => {
  const { audit, reader } = await openAuditTrail(auditOptions(t.testdir()))
  t.teardown(() => audit.close())
  audit.append({ event: 'token.issued' })
  t.match(await reader.last({ event: 'token' }, 1), { lines: [/token\.issued/] })
  t.match(await reader.verify(undefined), { findings: [] })
})
