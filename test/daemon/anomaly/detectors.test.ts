import t from 'tap'
import { isAnomaly } from '../../../daemon/anomaly/detector.ts'
import { newShelves } from '../../../daemon/anomaly/detectors.ts'
import { AUDIT_EVENTS } from '../../../daemon/audit/audit-event.ts'

t.test('every anomaly of the log has its detector, with nothing learnt yet', async (t) => {
  const shelves = newShelves()
  t.same(
    shelves.map(({ event }) => event),
    AUDIT_EVENTS.filter(isAnomaly),
  )
  t.ok(shelves.every(({ size }) => size === 0))
})
