import type { HookQueue } from '../anomaly/hook-queue.ts'
import type { BrokenGlass } from '../broker/broken-glass.ts'
import type { Capabilities } from '../broker/capabilities.ts'
import { IdleExit, type Unfinished } from '../broker/idle-exit.ts'
import type { Logins } from '../broker/logins.ts'
import { isQueued } from '../broker/retry-revocations.ts'
import type { Rooms } from '../broker/rooms.ts'
import type { ConfigFiles } from '../config/config-files.ts'
import type { ConsentDesk } from '../consent/consent-desk.ts'
import type { VaultDoor } from '../vault/vault-door.ts'
import type { Gate } from './gate.ts'

/** Everything that could be lost by an end. */
export interface IdleSources {
  readonly config: Pick<ConfigFiles, 'usable'>
  readonly rooms: Pick<Rooms, 'clock' | 'flights' | 'rates'>
  readonly gate: Pick<Gate, 'openConnections' | 'admittedConnections'>
  readonly door: Pick<VaultDoor, 'state' | 'facts' | 'current'>
  readonly logins: Pick<Logins, 'pending'>
  readonly desk: Pick<ConsentDesk, 'pending' | 'remembered'>
  readonly capabilities: Pick<Capabilities, 'needUs'>
  readonly glass: Pick<BrokenGlass, 'list'>
  readonly hooks: Pick<HookQueue, 'isBusy'>
}

/** How often it is looked whether somebody asks. */
const LOOK_MS = 1_000

/**
 * Looks whether nobody has asked for as long as the configuration says.
 *
 * @param comesBack Whether somebody else listens then, and starts another; where nobody does, this one stays.
 */
export function watchIdle(
  sources: IdleSources,
  comesBack: boolean,
): {
  /** Resolves when it is time to end. */
  readonly idle: Promise<void>
  readonly stop: () => void
} {
  const { rooms, gate, config } = sources
  let exit: (() => void) | undefined
  const idle = new Promise<void>((resolve) => {
    exit = resolve
  })
  if (!comesBack) return { idle, stop: () => undefined }
  const watch = new IdleExit({
    clock: rooms.clock,
    seconds: () => config.usable()?.service.idleExitSeconds,
    admitted: () => gate.admittedConnections(),
    unfinished: () => unfinished(sources),
    exit: () => exit?.(),
  })
  const timer = setInterval(() => watch.look(), LOOK_MS)
  return { idle, stop: () => clearInterval(timer) }
}

function unfinished(sources: IdleSources): Unfinished {
  const { rooms, gate, logins, desk, capabilities, glass, hooks } = sources
  return {
    ...ofVault(sources.door),
    'open connections': gate.openConnections(),
    'exchanges under way': rooms.flights.size,
    'pending logins': logins.pending,
    'questions to a person': desk.pending,
    'answers of a person that still count': desk.remembered,
    'rates that are counted': rooms.rates.inUse,
    'capabilities that need us': capabilities.needUs,
    'lifted rules': glass.list().length,
    'anomalies to tell': Number(hooks.isBusy),
  }
}

/** What a start would not find again: memory, and a key that a person typed. */
function ofVault(door: IdleSources['door']): Unfinished {
  const { kind } = door.state()
  if (kind === 'locked') return {}
  if (kind === 'memory') return { 'vault in memory': 1 }
  const vault = door.current()
  return {
    'key that a person typed': Number(door.facts().provider === 'passphrase'),
    'unsaved grants': vault.unsaved,
    'revocations to be told': vault.list().filter(({ state }) => isQueued(state)).length,
  }
}
