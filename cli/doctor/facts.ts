import { lstat, readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import {
  GrantdError,
  GrantdUnreachableError,
  type UnreachableReason,
} from '@grantd/client/connection'
import type { Health, Status } from '@grantd/client/protocol'
import { answer } from './answer.ts'
import type { Listener, World } from './world.ts'

/** What stands at a path; symbolic links are not followed. */
export type PathFact =
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly detail: string }
  | {
      readonly kind: 'present'
      readonly type: 'directory' | 'socket' | 'other'
      /** Permission bits, 0 to 0o777. */
      readonly mode: number
      readonly uid: number
    }

/** What came back on a socket. */
type Reply<T> =
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

/** Everything `doctor` looks at, before it judges. */
export interface DoctorFacts {
  readonly nodeVersion: string
  /** Name of the operating system as `process.platform` gives it. */
  readonly platform: string
  readonly uid: number
  /** True when the sockets are where every program of the user looks, whatever its environment. */
  readonly isFindable: boolean
  readonly directory: { readonly path: string; readonly fact: PathFact }
  readonly sockets: Readonly<Record<Listener, { readonly path: string; readonly fact: PathFact }>>
  readonly health: Reply<Health>
  /** Pid in the daemon's lock file, where a daemon listens and does not answer in time. */
  readonly hangingPid: number | undefined
  readonly status: Reply<Status>
  /** What stands where the daemon looks for its configuration; undefined while it does not say where. */
  readonly configFile: PathFact | undefined
  /** Whether the user's services outlive the last logout; undefined where there is no systemd. */
  readonly lingers: boolean | undefined
}

/** Where systemd keeps what `doctor` asks about. */
export interface SystemdPaths {
  /** Exists while systemd is the init system. */
  readonly booted: string
  /** Has a file for each user who lingers. */
  readonly linger: string
}

/** @see sd_booted(3), loginctl(1) */
export const SYSTEMD: SystemdPaths = {
  booted: '/run/systemd/system',
  linger: '/var/lib/systemd/linger',
}

/** Long enough for a busy daemon, short enough for an impatient person. */
const TIMEOUT_MS = 5_000

/** Where the daemon writes its pid, beside its sockets. */
const LOCK_FILE = 'grantd.lock'

/** Looks at the machine and asks the daemon; judges nothing. */
export async function readFacts(world: World, systemd: SystemdPaths): Promise<DoctorFacts> {
  const broker = world.socketPath('broker')
  const admin = world.socketPath('admin')
  const health = await ask<Health>(world, 'broker', '/v1/health', 'version')
  const status = await ask<Status>(world, 'admin', '/v1/status', 'version', 'vault', 'config')
  return {
    nodeVersion: world.nodeVersion,
    platform: world.platform,
    uid: world.uid,
    isFindable: isFindable(world, broker),
    directory: { path: dirname(broker), fact: await look(dirname(broker)) },
    sockets: {
      broker: { path: broker, fact: await look(broker) },
      admin: { path: admin, fact: await look(admin) },
    },
    health,
    hangingPid: await hangingPid(health, dirname(broker)),
    status,
    configFile: status.kind === 'answer' ? await look(status.value.config.path) : undefined,
    lingers: await lingers(systemd),
  }
}

/** In the temporary directory, the fall-back, a program with a runtime directory does not look. */
function isFindable({ env, platform }: World, broker: string): boolean {
  if (platform !== 'linux' || broker.startsWith('/run/user/')) return true
  return Boolean(env['XDG_RUNTIME_DIR'] || env['GRANTD_SOCK'])
}

async function look(path: string): Promise<PathFact> {
  try {
    const stats = await lstat(path)
    const type = stats.isDirectory() ? 'directory' : stats.isSocket() ? 'socket' : 'other'
    return { kind: 'present', type, mode: stats.mode & 0o777, uid: stats.uid }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? { kind: 'missing' } : { kind: 'unreadable', detail: message }
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
  const text = await readFile(join(directory, LOCK_FILE), 'latin1').catch(() => '')
  const [, pid] = /^(\d{1,10})\n$/.exec(text) ?? []
  return pid === undefined ? undefined : Number(pid)
}

async function lingers({ booted, linger }: SystemdPaths): Promise<boolean | undefined> {
  if ((await look(booted)).kind !== 'present') return undefined
  return (await look(`${linger}/${userInfo().username}`)).kind === 'present'
}
