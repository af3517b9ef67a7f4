import type { OptionTable } from './options.ts'
import type { World } from './world.ts'

/** What `--help` shows beside the options. */
export interface Help {
  /** The line after `usage: `. */
  readonly usage: string
  /** What the command does, in whole sentences, one per line. */
  readonly about: readonly string[]
  /** A command line that works as it stands, and what it is good for. */
  readonly example: { readonly line: string; readonly text: string }
}

/** What every file of a subcommand exports. */
export interface Command {
  readonly HELP: Help
  readonly OPTIONS: OptionTable
  /** @returns the exit status; throws what `report-error.ts` knows how to print. */
  run(world: World, args: readonly string[]): Promise<number>
}
