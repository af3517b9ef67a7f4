import { dirname } from 'node:path'
import type { Listener, World } from '../world.ts'
import { type ClockFacts, readClocks } from './clocks.ts'
import { type DaemonFacts, readDaemon } from './daemon-facts.ts'
import { type Openness, readOpenness } from './hardening.ts'
import { type LeftoverFact, readLeftovers } from './leftovers.ts'
import { look, type PathFact } from './look.ts'
import type { Places } from './places.ts'
import { readService, type ServiceFacts } from './service-facts.ts'
import { isKeptOutOfSwap } from './swap-limit.ts'
import { readSystem, type SystemFacts } from './system-facts.ts'

/** Everything `doctor` looks at, before it judges. */
export interface DoctorFacts extends DaemonFacts {
  readonly nodeVersion: string
  /** Name of the operating system as `process.platform` gives it. */
  readonly platform: string
  readonly uid: number
  /** True when the sockets are where every program of the user looks, whatever its environment. */
  readonly isFindable: boolean
  readonly directory: { readonly path: string; readonly fact: PathFact }
  readonly sockets: Readonly<Record<Listener, { readonly path: string; readonly fact: PathFact }>>
  readonly service: ServiceFacts
  /** Undefined where it is not Linux. */
  readonly system: SystemFacts | undefined
  /** True when the kernel writes nothing of the daemon that answers to swap. */
  readonly isUnswappable: boolean
  /** Of the daemon that answers; undefined where none does, or where it is not Linux. */
  readonly openness: Openness | undefined
  readonly leftovers: readonly LeftoverFact[]
  readonly clocks: ClockFacts
}

/** Looks at the machine, asks the daemon and its issuers; judges nothing. */
export async function readFacts(world: World, places: Places): Promise<DoctorFacts> {
  const broker = world.socketPath('broker')
  const admin = world.socketPath('admin')
  const directory = dirname(broker)
  const isLinux = world.platform === 'linux'
  const [daemon, ofDirectory, ofBroker, ofAdmin, system, leftovers] = await Promise.all([
    readDaemon(world),
    look(directory),
    look(broker),
    look(admin),
    isLinux ? readSystem(places) : undefined,
    readLeftovers(world, directory),
  ])
  const { status, grants } = daemon
  const pid = isLinux && status.kind === 'answer' ? status.value.pid : undefined
  const [service, openness, isUnswappable, clocks] = await Promise.all([
    // not before: our question may have started it
    readService(world, places),
    pid === undefined ? undefined : readOpenness(places.proc, pid, world.uid),
    pid === undefined ? false : isKeptOutOfSwap(places, pid),
    readClocks(world, grants),
  ])
  return {
    ...daemon,
    nodeVersion: world.nodeVersion,
    platform: world.platform,
    uid: world.uid,
    isFindable: isFindable(world, broker),
    directory: { path: directory, fact: ofDirectory },
    sockets: { broker: { path: broker, fact: ofBroker }, admin: { path: admin, fact: ofAdmin } },
    service,
    system,
    isUnswappable,
    openness,
    leftovers,
    clocks,
  }
}

/** In the temporary directory, the fall-back, a program with a runtime directory does not look. */
function isFindable({ env, platform }: World, broker: string): boolean {
  if (platform !== 'linux' || /^\/run\/(?:user|grantd)\//.test(broker)) return true
  return Boolean(env['XDG_RUNTIME_DIR'] || env['GRANTD_SOCK'])
}
