import t from 'tap'
import { AnomalyWatch } from '../../../daemon/anomaly/anomaly-watch.ts'
import { AUDIT_EVENTS } from '../../../daemon/audit/audit-event.ts'
import { type AuditEntry, formatAuditEntry } from '../../../daemon/audit/audit-record.ts'
import { localPeer } from '../../fakes/local-peer.ts'

const AT = Date.UTC(2030, 0, 1, 9)
const newWatch = () => new AnomalyWatch((at) => ({ at, hour: 9 }))
const issuedTo = (executable: string): AuditEntry => ({
  event: 'token.issued',
  grant: 'work',
  peer: localPeer({ executable }),
})

t.test('a record is shown to every detector, and what they find is counted', async (t) => {
  const watch = newWatch()
  t.same(watch.see(issuedTo('/usr/bin/git'), AT), [])
  const cause = issuedTo('/usr/bin/curl')
  const [finding] = watch.see(cause, AT)
  t.match(finding, { event: 'anomaly.new_executable', cause, at: AT })
  t.match([watch.total, watch.untold], [1, 0])
  t.match(watch.recent, [{ event: 'anomaly.new_executable', executable: '/usr/bin/curl' }])
})

/** What one detector looks for in any record. */
const REJECTING = { rejected: 'hash' }

t.test('an anomaly is never one itself', async (t) => {
  const watch = newWatch()
  for (const event of AUDIT_EVENTS.filter((name) => name.startsWith('anomaly.')))
    for (let times = 0; times < 50; times += 1)
      t.same(watch.see({ ...issuedTo(`/x${times}`), event, request: REJECTING }, AT), [])
  t.equal(watch.total, 0)
})

t.test('what the log tells of is known, and raises nothing', async (t) => {
  const watch = newWatch()
  const lines = ['/usr/bin/git', '/usr/bin/curl'].map((path) =>
    formatAuditEntry(issuedTo(path), AT),
  )
  const anomaly = formatAuditEntry({ ...issuedTo('/x'), event: 'anomaly.burst' }, AT)
  watch.learn([...lines, 'torn', anomaly])
  t.equal(watch.total, 0)
  t.same(watch.see(issuedTo('/usr/bin/curl'), AT), [])
  t.equal(watch.see(issuedTo('/usr/bin/wget'), AT).length, 1)
})

t.test('of a flood some are told each minute, and all are counted', async (t) => {
  const watch = newWatch()
  const flood = (at: number) =>
    Array.from({ length: 101 }, (_, n) => watch.see(issuedTo(`/${at}/${n}`), at)).flat().length
  t.equal(flood(AT), 30)
  t.same([watch.total, watch.untold], [100, 70])
  t.equal(watch.recent.length, 8)
  t.equal(watch.recent[0]?.executable, `/${AT}/30`, 'the newest first')
  t.equal(flood(AT + 60_000), 30)
})
