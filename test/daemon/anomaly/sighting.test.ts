import fc from 'fast-check'
import t from 'tap'
import { sightingOf, sightingOfLine } from '../../../daemon/anomaly/sighting.ts'
import { type AuditEntry, formatAuditEntry } from '../../../daemon/audit/audit-record.ts'
import { localPeer } from '../../fakes/local-peer.ts'

const AT = Date.UTC(2030, 0, 1, 9)
const momentOf = (at: number) => ({ at, hour: 9 })

t.test('a record looks the same as it is written and as it lies in the log', async (t) => {
  const entries: readonly AuditEntry[] = [
    { event: 'daemon.started' },
    { event: 'token.issued', grant: 'work', capability: 'ci', peer: localPeer() },
    { event: 'token.denied', reason: 'access_denied', request: { rejected: 'x' } },
    { event: 'token.issued', peer: localPeer({ executable: '/bin/\u00e9\n' }), request: {} },
  ]
  for (const entry of entries) {
    const seen = sightingOf(entry, momentOf(AT))
    t.match(seen, { at: AT, hour: 9, event: entry.event, isRejecting: entry.reason !== undefined })
    t.same(sightingOfLine(formatAuditEntry(entry, AT), momentOf), seen)
  }
})

t.test('a line that is none of ours is passed over', async (t) => {
  for (const line of ['', '{', '[]', 'null', '1', '{"event":"x"}', '{"time":"2030-01-01"}'])
    t.equal(sightingOfLine(line, momentOf), undefined, line)
  const odd = '{"time":"2030-01-01","event":"x","peer":7,"grant":[],"request":null}'
  t.match(sightingOfLine(odd, momentOf), { event: 'x', isRejecting: false, grant: undefined })
  fc.assert(
    fc.property(fc.json(), (line) => {
      sightingOfLine(line, momentOf)
    }),
  )
})
