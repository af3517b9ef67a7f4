import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { World } from '../world.ts'
import { look, readText, realPath } from './look.ts'
import type { Places } from './places.ts'
import { runProgram } from './run-program.ts'
import { commandOf, isOurUnit } from './unit-file.ts'
import { parseStates, SERVICE_UNIT, SHOW_UNITS, type UnitState } from './unit-states.ts'

/** A program as a unit names it. */
export interface ProgramFact {
  readonly path: string
  /** Without symbolic links; absent when it is gone. */
  readonly target?: string
}

/** The unit of the service in the user's own directory. */
export type UnitFact =
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly path: string; readonly detail: string }
  | {
      readonly kind: 'present'
      readonly path: string
      /** `grantd service install` wrote it. */
      readonly isOurs: boolean
      /** What it starts; absent where only systemd knows. */
      readonly command?: { readonly program: ProgramFact; readonly script?: ProgramFact }
    }

/** Everything about the daemon as a service. */
export interface ServiceFacts {
  readonly unit: UnitFact
  /** Absent where no service manager answers. */
  readonly states?: readonly UnitState[]
  /** This Node and this command, without symbolic links; absent when that cannot be told. */
  readonly node?: string
  readonly script?: string
  /** Whether the user's services outlive the last logout; absent where there is no systemd. */
  readonly lingers?: boolean
  /** True where the last logout is likely to come: over ssh, or without a display. */
  readonly isRemote: boolean
}

/** Looks at units, asks their manager. */
export async function readService(world: World, places: Places): Promise<ServiceFacts> {
  if (world.platform !== 'linux') return { unit: { kind: 'missing' }, isRemote: false }
  const [unit, output, node, script, lingers] = await Promise.all([
    readUnit(world),
    runProgram(places.systemctl, SHOW_UNITS, world.env),
    realPath(world.program.node),
    realPath(world.program.script),
    readLinger(places),
  ])
  return {
    unit,
    ...(output !== undefined && { states: parseStates(output) }),
    ...(node !== undefined && { node }),
    ...(script !== undefined && { script }),
    ...(lingers !== undefined && { lingers }),
    isRemote: isRemote(world),
  }
}

async function readUnit({ env }: World): Promise<UnitFact> {
  const { XDG_CONFIG_HOME: config, HOME: home } = env
  const base = config?.startsWith('/') === true ? config : home && join(home, '.config')
  if (base === undefined || base === '') return { kind: 'missing' }
  const path = join(base, 'systemd', 'user', SERVICE_UNIT)
  const file = await readText(path)
  if (file.kind === 'missing') return file
  if (file.kind === 'unreadable') return { ...file, path }
  const found = { kind: 'present', path, isOurs: isOurUnit(file.text) } as const
  const command = commandOf(file.text)
  if (command === undefined) return found
  const { program, script } = command
  return {
    ...found,
    command: {
      program: await programAt(program),
      ...(script !== undefined && { script: await programAt(script) }),
    },
  }
}

async function programAt(path: string): Promise<ProgramFact> {
  const target = await realPath(path)
  return target === undefined ? { path } : { path, target }
}

async function readLinger({ booted, linger }: Places): Promise<boolean | undefined> {
  if ((await look(booted)).kind !== 'present') return undefined
  const name = userName()
  return name === undefined ? undefined : (await look(join(linger, name))).kind === 'present'
}

/** A uid may be nobody's: then there is no name, and nobody who lingers. */
function userName(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}

function isRemote({ env }: World): boolean {
  return Boolean(env['SSH_CONNECTION']) || !(env['DISPLAY'] || env['WAYLAND_DISPLAY'])
}
