import t from 'tap'
import { createLog } from '../../../daemon/base/log.ts'
import { watchTrail } from '../../../daemon/wiring/anomaly-watch.ts'
import { openAuditTrail } from '../../../daemon/wiring/audit-trail.ts'
import { localPeer } from '../../fakes/local-peer.ts'
import { auditOptions } from '../../fakes/open-audit.ts'

t.test('habits outlive a restart, since the log tells of them', async (t) => {
  const options = auditOptions(t.testdir())
  const { clock } = options
  const written: string[] = []
  const log = createLog('warn', { write: (line) => void written.push(line) })
  const start = async () => await watchTrail(await openAuditTrail(options), { clock, log })
  const issuedTo = (executable: string) =>
    ({ event: 'token.issued', grant: 'work', peer: localPeer({ executable }) }) as const
  const first = await start()
  first.audit.append(issuedTo('/usr/bin/git'))
  first.audit.append(issuedTo('/usr/bin/curl'))
  t.equal(first.watch.total, 1)
  t.match(written, [/anomaly\.new_executable/])
  await first.audit.settle()
  first.audit.close()
  const { audit, watch, reader } = await start()
  t.teardown(() => audit.close())
  audit.append(issuedTo('/usr/bin/curl'))
  t.equal(watch.total, 0)
  audit.append(issuedTo('/usr/bin/wget'))
  t.equal(watch.total, 1)
  t.match(await reader.last({ event: 'anomaly' }, 9), { lines: { length: 2 } })
})

t.test('a log that cannot be read costs its habits, and a line', async (t) => {
  const options = auditOptions(t.testdir())
  const trail = await openAuditTrail(options)
  const written: string[] = []
  const log = createLog('error', { write: (line) => void written.push(line) })
  const broken = Object.assign(Object.create(trail.reader), {
    last: async () => await Promise.reject(new Error('EIO')),
  })
  const { audit } = await watchTrail({ ...trail, reader: broken }, { clock: options.clock, log })
  t.teardown(() => audit.close())
  t.match(written, [/habits could not be learnt/])
})
