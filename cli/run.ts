import type { Command } from './command.ts'
import { COMMANDS } from './commands.ts'
import { UsageError } from './usage-error.ts'
import { VERSION } from './version.ts'
import type { World } from './world.ts'

/** Usage of the command as a whole. */
const USAGE = 'grantd COMMAND [OPTION]...'

/**
 * Finds the subcommand, runs it, prints what went wrong.
 *
 * @param argv What stood after `grantd`.
 * @returns the exit status, 0 to 143
 */
export async function run(world: World, argv: readonly string[]): Promise<number> {
  const [name, ...args] = argv
  let usage = USAGE
  try {
    if (name === undefined || name === '--json') {
      throw new UsageError('which command? see: grantd --help')
    }
    if (name === '--help' || name === '-h') return await overview(world)
    if (name === '--version' || name === '-V') return version(world)
    if (name === 'help') return await helpOn(world, args)
    const command = await load(name)
    usage = command.HELP.usage
    if (wantsHelp(args)) return await help(world, command)
    return await command.run(world, args)
  } catch (error) {
    return await failed(world, error, usage, optionsOf(argv).includes('--json'))
  }
}

/** Loaded only now: a token that is handed out does not pay for the words of a failure. */
async function failed(
  world: World,
  error: unknown,
  usage: string,
  asJson: boolean,
): Promise<number> {
  const { reportError } = await import('./report-error.ts')
  const { exitStatus } = await import('./exit-status.ts')
  world.stderr.write(reportError(error, usage, asJson))
  return exitStatus(error)
}

function load(name: string): Promise<Command> {
  const entry = COMMANDS.get(name)
  if (entry === undefined) {
    throw new UsageError(`unknown command "${name}"`, 'all commands: grantd --help')
  }
  return entry.load()
}

/** `--help` counts wherever it stands before `--`, even beside a mistake. */
function wantsHelp(args: readonly string[]): boolean {
  const options = optionsOf(args)
  return options.includes('--help') || options.includes('-h')
}

/** What stands before `--`. */
function optionsOf(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--')
  return end === -1 ? args : args.slice(0, end)
}

/** `grantd help [COMMAND]`: what `--help` prints. */
async function helpOn(world: World, args: readonly string[]): Promise<number> {
  const topic = args.find((arg) => !arg.startsWith('-'))
  return topic === undefined ? await overview(world) : await help(world, await load(topic))
}

async function overview(world: World): Promise<number> {
  const { overviewText } = await import('./text/help.ts')
  world.stdout.write(overviewText(USAGE, COMMANDS))
  return 0
}

async function help(world: World, command: Command): Promise<number> {
  const { helpText } = await import('./text/help.ts')
  world.stdout.write(helpText(command.HELP, command.OPTIONS))
  return 0
}

function version(world: World): number {
  world.stdout.write(`grantd ${VERSION}\n`)
  return 0
}
