import { AnomalyWatch } from '../anomaly/anomaly-watch.ts'
import type { Moment } from '../anomaly/sighting.ts'
import { WatchedLog } from '../anomaly/watched-log.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { localTime } from '../policy/local-time.ts'
import type { AuditTrail } from './audit-trail.ts'

/** Records that habits are learnt from at a start; some weeks of a person's use. */
const LEARNT_RECORDS = 10_000

/** The same log, with somebody who looks at what is written. */
export interface WatchedTrail extends AuditTrail {
  readonly watch: AnomalyWatch
}

/** Begins with the habits that the newest records tell of. */
export async function watchTrail(
  { audit, reader }: AuditTrail,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<WatchedTrail> {
  const watch = new AnomalyWatch(momentOf)
  try {
    const { lines } = await reader.last({ event: 'token.issued' }, LEARNT_RECORDS)
    watch.learn(lines)
  } catch (error) {
    log.error('habits could not be learnt from the audit log', error)
  }
  const onAnomaly = ({
    event,
    reason,
  }: {
    readonly event: string
    readonly reason: string
  }): void => log.warn('anomaly', { event, reason })
  return { audit: new WatchedLog({ inner: audit, watch, clock, log, onAnomaly }), reader, watch }
}

function momentOf(at: number): Moment {
  const { minute } = localTime(at)
  return { at, hour: Math.floor(minute / 60) }
}
