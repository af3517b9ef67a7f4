import type { Anomaly } from '@grantd/client/protocol'
import type { AuditEntry } from '../audit/audit-record.ts'
import type { AnomalyEvent } from './detector.ts'

/** What a detector found, and the record it found it at. */
export interface Finding {
  readonly event: AnomalyEvent
  /** Words of ours. */
  readonly reason: string
  readonly cause: AuditEntry
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** How it stands on record. */
export function anomalyEntry({ event, reason, cause }: Finding): AuditEntry {
  const { peer, capability, grant, grantId, issuer } = cause
  return {
    event,
    ...(peer && { peer }),
    ...(capability !== undefined && { capability }),
    ...(grant !== undefined && { grant }),
    ...(grantId !== undefined && { grantId }),
    ...(issuer !== undefined && { issuer }),
    reason,
  }
}

/** How the owner is told. */
export function anomalyView({ event, reason, cause, at }: Finding): Anomaly {
  const { peer, capability, grant } = cause
  return {
    time: new Date(at).toISOString(),
    event,
    reason,
    ...(grant !== undefined && { grant }),
    ...(capability !== undefined && { capability }),
    ...(peer && { pid: peer.pid, class: peer.class }),
    ...(peer?.executable !== undefined && { executable: peer.executable }),
  }
}
