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
  readonly config: Pick<ConfigFiles, 'path' | 'problem'>
  readonly door: Pick<VaultDoor, 'facts' | 'state' | 'current'>
  readonly rooms: Pick<Rooms, 'tokens' | 'flights' | 'requestRate'>
  readonly logins: Pick<Logins, 'pending'>
  readonly gate: Pick<Gate, 'openConnections' | 'refusedPeers'>
  readonly lobby: Lobby
  readonly desk: Pick<ConsentDesk, 'pending' | 'refused'>
}

/** What `status` and `health` tell, asked for anew with each request. */
export function daemonFacts(sources: FactSources): DaemonFacts {
  const { config, door, rooms, logins, gate, desk } = sources
  const { requests, polls } = sources.lobby
  const isLocked = (): boolean => door.state().kind === 'locked'
  const unsavedGrants = (): number => (isLocked() ? 0 : door.current().unsaved)
  return {
    version: sources.version,
    pid: process.pid,
    startedAt: sources.startedAt,
    configPath: config.path,
    sockets: sources.sockets,
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
    counters: () => ({
      cached_tokens: rooms.tokens.size,
      unsaved_grants: unsavedGrants(),
      exchanges_under_way: rooms.flights.size,
      open_requests: requests.open,
      unsent_refusals: requests.unsentRefusals,
      refused_requests: requests.refused,
      rate_limited_requests: rooms.requestRate.refused,
      long_polls: polls.waiting,
      pending_prompts: desk.pending,
      prompts_refused: desk.refused,
    }),
  }
}
