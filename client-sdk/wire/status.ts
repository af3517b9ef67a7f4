import type { BreakGlassDetail } from './break-glass.ts'

/** Answer of `GET /v1/health`, on every listener. */
export interface Health {
  readonly status: 'ok' | 'degraded'
  readonly version: string
}

/** Answer of `GET /v1/status`, admin listener. */
export interface Status extends Health {
  readonly pid: number
  readonly started_at: string
  readonly vault: {
    readonly kind: 'sealed' | 'memory' | 'locked'
    /** One sentence for a person. */
    readonly detail: string
    /** What helps, while it is locked. */
    readonly hint?: string
  }
  readonly config: {
    readonly path: string
    readonly problem?: string
  }
  readonly grants: number
  readonly pending_logins: number
  readonly sockets: Readonly<Record<string, string>>
  /** Who bound them: a service manager, or the daemon itself (`none`). */
  readonly activation: 'systemd' | 'launchd' | 'none'
  readonly connections: { readonly open: number; readonly refused_peers: number }
  readonly counters: Readonly<Record<string, number>>
  /** The last few, the newest first. */
  readonly recent_anomalies: readonly Anomaly[]
  /** Where rules are lifted; absent where none are. */
  readonly break_glass?: readonly BreakGlassDetail[]
}

/** Something out of the ordinary, as `status` shows it and a hook gets it. */
export interface Anomaly {
  /** RFC 3339. */
  readonly time: string
  /** As on the audit log. */
  readonly event: string
  /** In words of the daemon. */
  readonly reason: string
  readonly grant?: string
  readonly capability?: string
  readonly pid?: number
  readonly class?: string
  readonly executable?: string
}
