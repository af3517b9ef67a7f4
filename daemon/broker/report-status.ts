import type { Anomaly, BreakGlassDetail, Health, Status } from '@grantd/client/protocol'

/** What the wiring knows about the daemon itself. */
export interface DaemonFacts {
  readonly version: string
  readonly pid: number
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly configPath: string
  readonly sockets: Readonly<Record<string, string>>
  readonly activation: Status['activation']
  /** `undefined` when the file is in order. */
  readonly configProblem: () => string | undefined
  readonly vaultState: () => Status['vault']
  readonly grants: () => number
  /** Grants whose last change is in memory only, because the disk did not take it. */
  readonly unsavedGrants: () => number
  readonly pendingLogins: () => number
  readonly openConnections: () => number
  readonly refusedPeers: () => number
  readonly counters: () => Readonly<Record<string, number>>
  /** The newest first. */
  readonly recentAnomalies: () => readonly Anomaly[]
  /** Where rules are lifted now. */
  readonly brokenGlass: () => readonly BreakGlassDetail[]
}

/** In one word, for whoever only wants to know whether to ask on. */
export function reportHealth(facts: DaemonFacts): Health {
  const isWell =
    facts.configProblem() === undefined &&
    facts.vaultState().kind !== 'locked' &&
    facts.unsavedGrants() === 0
  return { status: isWell ? 'ok' : 'degraded', version: facts.version }
}

/** Everything the owner may want to know about the daemon. */
export function reportStatus(facts: DaemonFacts): Status {
  const problem = facts.configProblem()
  const brokenGlass = facts.brokenGlass()
  return {
    ...reportHealth(facts),
    pid: facts.pid,
    started_at: new Date(facts.startedAt).toISOString(),
    vault: facts.vaultState(),
    config: { path: facts.configPath, ...(problem !== undefined && { problem }) },
    grants: facts.grants(),
    pending_logins: facts.pendingLogins(),
    sockets: facts.sockets,
    activation: facts.activation,
    connections: { open: facts.openConnections(), refused_peers: facts.refusedPeers() },
    counters: facts.counters(),
    recent_anomalies: facts.recentAnomalies(),
    ...(brokenGlass.length > 0 && { break_glass: brokenGlass }),
  }
}
