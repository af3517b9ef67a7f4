import type { Help } from '../command.ts'
import type { CommandEntry } from '../commands.ts'
import type { Option, OptionTable } from '../options.ts'
import { columns } from './columns.ts'

/** Every exit status has one line here; the codes behind them are in the wire contract. */
const EXIT_STATUSES = [
  ['0', 'done'],
  ['1', 'failed, and trying again will not help by itself'],
  ['2', 'wrong command line or request'],
  ['3', 'a new login is needed'],
  ['4', 'refused: no such grant, never granted, or against policy'],
  ['5', 'the vault is locked'],
  ['6', 'no daemon answers'],
  ['75', 'for now; try again later'],
  ['130', 'interrupted'],
] as const

/** `grantd --help`. */
export function overviewText(usage: string, commands: ReadonlyMap<string, CommandEntry>): string {
  const verbs = [...commands].map(([name, { text }]) => [name, text])
  return [
    `usage: ${usage}`,
    '',
    'One daemon holds your refresh tokens; every tool gets short-lived access tokens from it.',
    '',
    'commands:',
    ...columns(verbs, '  '),
    '',
    'every command takes --help and --json; "grantd help COMMAND" is the same as --help;',
    '--version prints the version',
    '',
    'exit status:',
    ...columns(EXIT_STATUSES, '  '),
    '',
  ].join('\n')
}

/** `grantd COMMAND --help`. */
export function helpText(help: Help, options: OptionTable): string {
  const rows = Object.entries(options).map(([name, option]) => [flag(name, option), option.text])
  return [
    `usage: ${help.usage}`,
    '',
    ...help.about,
    '',
    'options:',
    ...columns([...rows, ['--help', 'this text']], '  '),
    '',
    `example: ${help.example.text}`,
    `  ${help.example.line}`,
    '',
  ].join('\n')
}

function flag(name: string, { value }: Option): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`
}
