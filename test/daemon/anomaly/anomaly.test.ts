import t from 'tap'
import { anomalyEntry, anomalyView } from '../../../daemon/anomaly/anomaly.ts'
import type { AuditEntry } from '../../../daemon/audit/audit-record.ts'
import { localPeer } from '../../fakes/local-peer.ts'

const found = (cause: AuditEntry) =>
  ({ event: 'anomaly.burst', reason: 'many', cause, at: Date.UTC(2030, 0, 1) }) as const

t.test('an anomaly says who and what, and nothing of what was handed out', async (t) => {
  const peer = localPeer({ executable: '/usr/bin/git' })
  const where = { grant: 'work', grantId: 'id', issuer: 'https://as.example', capability: 'ci' }
  const finding = found({ event: 'token.issued', peer, ...where, token: 'aa', request: {} })
  t.same(anomalyEntry(finding), { event: 'anomaly.burst', peer, ...where, reason: 'many' })
  t.same(anomalyView(finding), {
    time: '2030-01-01T00:00:00.000Z',
    event: 'anomaly.burst',
    reason: 'many',
    grant: 'work',
    capability: 'ci',
    pid: peer.pid,
    class: peer.class,
    executable: '/usr/bin/git',
  })
})

t.test('what is not known is absent', async (t) => {
  const bare = found({ event: 'grant.refresh_begun' })
  t.same(anomalyEntry(bare), { event: 'anomaly.burst', reason: 'many' })
  t.same(Object.keys(anomalyView(bare)), ['time', 'event', 'reason'])
})
