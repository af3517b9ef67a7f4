import { anomalyView, type Finding } from '../anomaly/anomaly.ts'
import { AnomalyWatch } from '../anomaly/anomaly-watch.ts'
import { HookQueue } from '../anomaly/hook-queue.ts'
import { runHook } from '../anomaly/run-hook.ts'
import type { Moment } from '../anomaly/sighting.ts'
import { WatchedLog } from '../anomaly/watched-log.ts'
import type { Clock } from '../base/clock.ts'
import { HOOK_DEADLINE_MS, LEARNT_RECORDS, MAX_WAITING_HOOKS } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { AnomalyConfig } from '../config/anomaly.ts'
import type { ConfigFiles } from '../config/config-files.ts'
import { programProblem } from '../consent/find-pinentry.ts'
import { isWithin, localTime } from '../policy/local-time.ts'
import type { AuditTrail } from './audit-trail.ts'

/** The same log, with somebody who looks at what is written. */
export interface WatchedTrail extends AuditTrail {
  readonly watch: AnomalyWatch
  readonly hooks: HookQueue
}

/** Begins with the habits that the newest records tell of. */
export async function watchTrail(
  { audit, reader }: AuditTrail,
  options: {
    readonly clock: Clock
    readonly log: Log
    /** Our own effective uid. */
    readonly uid: number
    readonly config: Pick<ConfigFiles, 'usable'>
  },
): Promise<WatchedTrail> {
  const { clock, log, uid, config } = options
  // of a broken file nothing stands
  const wishes = (): AnomalyConfig => config.usable()?.anomaly ?? {}
  const watch = new AnomalyWatch((at) => momentOf(at, wishes()))
  try {
    const { lines } = await reader.last({ event: 'token.issued' }, LEARNT_RECORDS)
    watch.learn(lines)
  } catch (error) {
    log.error('habits could not be learnt from the audit log', error)
  }
  const hooks = new HookQueue({
    command: () => wishes().hook,
    run: async (command, input, signal) =>
      programProblem(command[0] ?? '', uid) ?? (await runHook(command, input, signal)),
    deadlineMs: HOOK_DEADLINE_MS,
    mostWaiting: MAX_WAITING_HOOKS,
    log,
  })
  const onAnomaly = (finding: Finding): void => {
    log.warn('anomaly', { event: finding.event, reason: finding.reason })
    hooks.push(anomalyView(finding))
  }
  const watched = new WatchedLog({ inner: audit, watch, clock, log, onAnomaly })
  return { audit: watched, reader, watch, hooks }
}

function momentOf(at: number, { window }: AnomalyConfig): Moment {
  const time = localTime(at)
  const hour = Math.floor(time.minute / 60)
  return { at, hour, isOutside: window && !isWithin(window, time) }
}
