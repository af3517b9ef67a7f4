import type { Help } from './command.ts'
import { launchdOfUser } from './launchd-service.ts'
import { JSON_OPTION, parseOptions } from './options.ts'
import { jsonLine, printable } from './printable.ts'
import { ServiceCommands } from './service-commands.ts'
import { ServiceInstallation } from './service-installation.ts'
import { type Machine, thisMachine } from './service-machine.ts'
import type { ServiceManager } from './service-manager.ts'
import type { UnitStep } from './service-plan.ts'
import { systemdOfMachine } from './systemd-of-machine.ts'
import { systemdOfUser } from './systemd-service.ts'
import { reportText, stateText } from './text/service-page.ts'
import { UsageError } from './usage-error.ts'
import { userNamed, userOnceNamed } from './user-named.ts'
import type { World } from './world.ts'

export const HELP: Help = {
  usage: 'grantd service install|uninstall|status [OPTION]...',
  about: [
    'install    writes units for the systemd of your user and enables their sockets: the first',
    '           program that asks starts the daemon, and a crash is followed by a new start.',
    '           A second time it changes only what is no longer right, such as after an update.',
    '           On macOS it is an agent of launchd, which has not run on a Mac yet.',
    'uninstall  stops the daemon and removes those units; grants and configuration stay.',
    'status     tells whether they are as they should be; exit status 1 when they are not.',
    'With --for USER root does the same for a user of a shared machine, whose programs then cannot',
    'reach into the daemon: it runs under a uid of its own.',
  ],
  example: { line: 'grantd service install --dry-run', text: 'see what it would write and run' },
}

export const OPTIONS = {
  for: {
    type: 'string',
    value: 'USER',
    text: 'as root: for this user, by the systemd of the machine and under a uid of its own',
  },
  'dry-run': { type: 'boolean', text: 'change nothing, and print what would be done' },
  json: JSON_OPTION,
} as const

const VERBS = ['install', 'uninstall', 'status'] as const

/** `grantd service`. */
export async function run(
  world: World,
  args: readonly string[],
  machine: Machine = thisMachine,
): Promise<number> {
  const { values, positionals } = parseOptions(args, OPTIONS)
  const [word, ...more] = positionals
  const verb = VERBS.find((known) => known === word)
  if (verb === undefined || more.length > 0)
    throw new UsageError(`service takes one of ${VERBS.join(', ')}`)
  const isDryRun = values['dry-run'] === true
  const commands = new ServiceCommands(machine, isDryRun)
  const manager =
    values.for === undefined
      ? managerOf(world, machine, commands)
      : await managerFor(values.for, verb, world, machine, commands)
  const forUser = values.for === undefined ? {} : { user: values.for }
  const installation = new ServiceInstallation({ manager, world, machine, isDryRun })
  if (verb === 'status') {
    const state = { ...(await installation.state()), ...forUser }
    world.stdout.write(values.json === true ? jsonLine(state) : printed(stateText(state)))
    return state.units.every(isWell) ? 0 : 1
  }
  const done = await (verb === 'install' ? installation.install() : installation.uninstall())
  const report = { ...done.report, ...forUser, commands: commands.lines, isDryRun }
  const text = reportText(report) + done.texts
  world.stdout.write(values.json === true ? jsonLine(report) : printed(text))
  return 0
}

function managerOf(world: World, machine: Machine, commands: ServiceCommands): ServiceManager {
  if (world.platform === 'linux') return systemdOfUser(world, machine, commands)
  if (world.platform === 'darwin') return launchdOfUser(world, machine, commands)
  throw new UsageError('only systemd and launchd are managed')
}

async function managerFor(
  user: string,
  verb: (typeof VERBS)[number],
  world: World,
  machine: Machine,
  commands: ServiceCommands,
): Promise<ServiceManager> {
  if (world.platform !== 'linux' || world.uid !== 0)
    throw new UsageError('--for is for root, on a machine with systemd')
  const named = verb === 'uninstall' ? userOnceNamed : userNamed
  return systemdOfMachine(await named(user, commands), machine, commands)
}

/** Nobody starts it where the manager knows nothing of it. */
function isWell({ kind, active }: { readonly kind: UnitStep['kind']; readonly active: string }) {
  return kind === 'same' && active !== 'failed' && active !== 'unknown'
}

/** Paths may hold anything. */
function printed(text: string): string {
  return text.split('\n').map(printable).join('\n')
}
