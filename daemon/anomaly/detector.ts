import type { AuditEvent } from '../audit/audit-event.ts'
import type { Sighting } from './sighting.ts'

/** Events that only detectors raise, and none of them looks at. */
export type AnomalyEvent = Extract<AuditEvent, `anomaly.${string}`>

/** True for what detectors raise. */
export function isAnomaly(event: string): event is AnomalyEvent {
  return event.startsWith('anomaly.')
}

/** What a detector makes of a record. */
export interface Verdict<M> {
  readonly memory: M
  /** What is out of the ordinary, in words of ours; absent when nothing is. */
  readonly reason?: string
}

/** Looks for one thing. Memory and record in, memory and verdict out: no clock, no state of its own. */
export interface Detector<M> {
  readonly event: AnomalyEvent
  /** What its memory is kept under, such as the grant; `undefined` for records it has no interest in. */
  readonly keyOf: (sighting: Sighting) => string | undefined
  /** @param memory What it said last under this key; `undefined` at first. Its size is bounded. */
  readonly look: (memory: M | undefined, sighting: Sighting) => Verdict<M>
}

/** Each way to a grant has habits of its own: a capability is there to be used by others. */
export function wayTo({ grant, capability }: Sighting): string | undefined {
  return grant === undefined || capability === undefined ? grant : `${grant} ${capability}`
}
