import { dirname, join } from 'node:path'
import {
  GrantdError,
  GrantdUnreachableError,
  type UnreachableReason,
} from '@grantd/client/connection'
import type {
  GrantDetail,
  GrantInventory,
  Health,
  PolicyStatus,
  Status,
  VaultStatus,
} from '@grantd/client/protocol'
import { answer } from '../answer.ts'
import type { Listener, World } from '../world.ts'
import { look, type PathFact, readText } from './look.ts'

/** What came back on a socket. */
export type Reply<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'refused'; readonly detail: string }
  | Silence

/** Why no answer came. */
export interface Silence {
  readonly kind: 'silent'
  readonly reason: UnreachableReason
  readonly detail: string
  readonly hint?: string
}

/** What the daemon tells about itself. */
export interface DaemonFacts {
  readonly health: Reply<Health>
  /** Pid in the daemon's lock file, where a daemon listens and does not answer in time. */
  readonly hangingPid: number | undefined
  readonly status: Reply<Status>
  readonly vault: Reply<VaultStatus>
  readonly policy: Reply<PolicyStatus>
  /** Empty where it does not tell, as a locked vault does. */
  readonly grants: readonly GrantDetail[]
  /** What stands where the daemon looks for its configuration; undefined while it does not say where. */
  readonly configFile: PathFact | undefined
}

/** Long enough for a busy daemon, short enough for an impatient person. */
const TIMEOUT_MS = 5_000

/** Where the daemon writes its pid, beside its sockets. */
const LOCK_FILE = 'grantd.lock'

/** Asks the daemon everything at once. */
export async function readDaemon(world: World): Promise<DaemonFacts> {
  const [health, status, vault, policy, inventory] = await Promise.all([
    ask<Health>(world, 'broker', '/v1/health', 'version'),
    ask<Status>(world, 'admin', '/v1/status', 'version', 'vault', 'config'),
    ask<VaultStatus>(world, 'admin', '/v1/vault', 'state', 'broken', 'rekey_unfinished'),
    ask<PolicyStatus>(world, 'admin', '/v1/policy', 'files'),
    ask<GrantInventory>(world, 'admin', '/v1/grants', 'grants'),
  ])
  return {
    health,
    hangingPid: await hangingPid(health, dirname(world.socketPath('broker'))),
    status,
    vault,
    policy,
    grants: inventory.kind === 'answer' ? inventory.value.grants : [],
    configFile: status.kind === 'answer' ? await look(status.value.config.path) : undefined,
  }
}

async function ask<T extends object>(
  world: World,
  listener: Listener,
  path: string,
  ...needed: (keyof T & string)[]
): Promise<Reply<T>> {
  try {
    const call = { method: 'GET', path, timeoutMs: TIMEOUT_MS } as const
    const value = await world.connect(listener).request(call)
    return { kind: 'answer', value: answer<T>(value, ...needed) }
  } catch (error) {
    if (error instanceof GrantdError) return { kind: 'refused', detail: error.message }
    if (!(error instanceof GrantdUnreachableError)) throw error
    const { reason, message: detail, hint } = error
    return { kind: 'silent', reason, detail, ...(hint === undefined ? {} : { hint }) }
  }
}

/** Who timed out passed the look at its directory: the lock file in it is no stranger's. */
async function hangingPid(health: Reply<Health>, directory: string): Promise<number | undefined> {
  if (health.kind !== 'silent' || health.reason !== 'timed_out') return undefined
  const file = await readText(join(directory, LOCK_FILE))
  const [, pid] = (file.kind === 'text' && /^(\d{1,10})\n$/.exec(file.text)) || []
  return pid === undefined ? undefined : Number(pid)
}
