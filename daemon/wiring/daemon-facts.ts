import type { AnomalyWatch } from '../anomaly/anomaly-watch.ts'
import type { HookQueue } from '../anomaly/hook-queue.ts'
import type { AuditReader } from '../audit/audit-reader.ts'
import type { BrokenGlass } from '../broker/broken-glass.ts'
import type { Logins } from '../broker/logins.ts'
import type { DaemonFacts } from '../broker/report-status.ts'
import type { Rooms } from '../broker/rooms.ts'
import { currentGrants } from '../broker/select-grant.ts'
import type { ConfigFiles } from '../config/config-files.ts'
import type { ConsentDesk } from '../consent/consent-desk.ts'
import type { VaultDoor } from '../vault/vault-door.ts'
import type { Gate } from './gate.ts'
import type { Lobby } from './make-servers.ts'

/** Where the facts about a daemon come from. */
export interface FactSources {
  readonly version: string
  readonly startedAt: number
  readonly sockets: Readonly<Record<string, string>>
  readonly activation: DaemonFacts['activation']
  readonly config: Pick<ConfigFiles, 'path' | 'problem'>
  readonly door: Pick<VaultDoor, 'facts' | 'state' | 'current'>
  readonly rooms: Pick<Rooms, 'tokens' | 'flights' | 'rates' | 'requestRate'>
  readonly logins: Pick<Logins, 'pending' | 'refused'>
  readonly reader: Pick<AuditReader, 'refused'>
  readonly gate: Pick<Gate, 'openConnections' | 'refusedPeers' | 'connectionsOverLimit'>
  readonly lobby: Lobby
  readonly desk: Pick<ConsentDesk, 'pending' | 'refused'>
  readonly watch: Pick<AnomalyWatch, 'total' | 'untold' | 'recent'>
  readonly hooks: Pick<HookQueue, 'failed' | 'dropped'>
  readonly glass: Pick<BrokenGlass, 'list'>
}

/** What `status` and `health` tell, asked for anew with each request. */
export function daemonFacts(sources: FactSources): DaemonFacts {
  const { config, door, rooms, logins, reader, gate, desk, watch, hooks } = sources
  const { requests, polls, excesses } = sources.lobby
  const isLocked = (): boolean => door.state().kind === 'locked'
  const unsavedGrants = (): number => (isLocked() ? 0 : door.current().unsaved)
  return {
    version: sources.version,
    pid: process.pid,
    startedAt: sources.startedAt,
    configPath: config.path,
    sockets: sources.sockets,
    activation: sources.activation,
    configProblem: () => config.problem(),
    vaultState: () => {
      const { hint } = door.facts()
      return { ...door.state(), ...(hint !== undefined && { hint }) }
    },
    grants: () => (isLocked() ? 0 : currentGrants(door.current().list()).length),
    unsavedGrants,
    pendingLogins: () => logins.pending,
    openConnections: () => gate.openConnections(),
    refusedPeers: () => gate.refusedPeers(),
    brokenGlass: () => sources.glass.list(),
    counters: () => ({
      cached_tokens: rooms.tokens.size,
      unsaved_grants: unsavedGrants(),
      exchanges_under_way: rooms.flights.size,
      open_requests: requests.open,
      unsent_refusals: requests.unsentRefusals,
      refused_requests: requests.refused,
      evicted_tokens: rooms.tokens.evicted,
      refused_connections: gate.connectionsOverLimit(),
      refused_exchanges: rooms.flights.refused,
      refused_logins: logins.refused,
      refused_long_polls: polls.refused,
      refused_audit_reads: reader.refused,
      late_requests: excesses.of('late'),
      oversized_requests: excesses.of('oversized'),
      rate_limited_by_rules: rooms.rates.refused,
      rate_limited_requests: rooms.requestRate.refused,
      long_polls: polls.waiting,
      pending_prompts: desk.pending,
      prompts_refused: desk.refused,
      anomalies: watch.total,
      untold_anomalies: watch.untold,
      anomaly_hooks_failed: hooks.failed,
      anomaly_hooks_dropped: hooks.dropped,
    }),
    recentAnomalies: () => watch.recent,
  }
}
