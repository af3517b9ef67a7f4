import { parse, TomlError } from 'smol-toml'
import { locateKey, type Position } from './locate-key.ts'
import { durationBetween, type ValueKind, wordOf } from './value-kind.ts'

/** What the configuration file may say; every member has a default. */
export interface Config {
  readonly log: { readonly level: LogLevel }
  readonly vault: {
    /** Who holds the sealing key: `auto` takes the keychain where there is one, else memory. */
    readonly sealingKey: 'auto' | 'keychain' | 'memory'
    /** The vault locks when no token was handed out for so many seconds; absent: never. */
    readonly autoLockSeconds?: number
  }
}

/** From silent to everything that is safe to write down. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** The levels of the log, least first. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const

/** What stands when no file says otherwise. */
export const DEFAULT_CONFIG: Config = { log: { level: 'info' }, vault: { sealingKey: 'auto' } }

/** What is wrong with the file, and where. */
export interface ConfigProblem extends Position {
  readonly message: string
}

/** Longer than any message but one that quotes a key nobody would write. */
const MAX_MESSAGE = 200

/**
 * Less than a minute and the tick of 30 s is no measure of it any more; whoever wants more
 * than a month wants none.
 */
const AUTO_LOCK = { leastSeconds: 60, mostSeconds: 30 * 86_400 }

const LOG = { level: wordOf(LOG_LEVELS) }
const VAULT = {
  sealing_key: wordOf(['auto', 'keychain', 'memory']),
  auto_lock: durationBetween(AUTO_LOCK.leastSeconds, AUTO_LOCK.mostSeconds),
}

/** Tables, their keys, and what a key's value may be. */
const TABLES: Readonly<Record<string, Readonly<Record<string, ValueKind<unknown>>>>> = {
  log: LOG,
  vault: VAULT,
}

/**
 * Reads a configuration file's text. An unknown table or key is a mistake, not a
 * wish for the future: what is not understood might have been a limit.
 */
export function parseConfig(
  source: string,
): { readonly config: Config } | { readonly problem: ConfigProblem } {
  // what some editors put before the first column
  const text = source.replace(/^\ufeff/, '')
  let file: Record<string, unknown>
  try {
    file = parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const [message = 'not TOML'] = error.message.split('\n')
    return { problem: { line: error.line, column: error.column, message: printable(message) } }
  }
  for (const [table, members] of Object.entries(file)) {
    const keys = own(TABLES, table)
    if (keys === undefined) return at(text, [table], `unknown table "${table}"`)
    if (!isTable(members)) return at(text, [table], `"${table}" must be a table`)
    for (const [key, value] of Object.entries(members)) {
      const kind = own(keys, key)
      if (kind === undefined) return at(text, [table, key], `unknown key "${key}" in "${table}"`)
      if (kind.read(value) === undefined)
        return at(text, [table, key], `"${key}" must be ${kind.wish}`)
    }
  }
  return { config: configOf(file) }
}

/** Every value was read once above; here they get their names. */
function configOf(file: Record<string, unknown>): Config {
  const members = (table: string): Readonly<Record<string, unknown>> =>
    (file[table] as Readonly<Record<string, unknown>> | undefined) ?? {}
  const log = members('log')
  const vault = members('vault')
  const autoLockSeconds = VAULT.auto_lock.read(vault['auto_lock'])
  return {
    log: { level: LOG.level.read(log['level']) ?? DEFAULT_CONFIG.log.level },
    vault: {
      sealingKey: VAULT.sealing_key.read(vault['sealing_key']) ?? DEFAULT_CONFIG.vault.sealingKey,
      ...(autoLockSeconds !== undefined && { autoLockSeconds }),
    },
  }
}

function at(
  text: string,
  path: readonly string[],
  message: string,
): { readonly problem: ConfigProblem } {
  return { problem: { ...locateKey(text, path), message: printable(message) } }
}

/** Own members only: no table or key is ever known because every object has it. */
function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

/** True for `[x]`, `x.y = …` and `x = {…}`; false for arrays and dates, which are objects too. */
function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  )
}

/** Shown on a terminal and in every answer while the file is broken. */
function printable(text: string): string {
  const shown = text.replace(/[^\x20-\x7e]/g, '?')
  return shown.length <= MAX_MESSAGE ? shown : `${shown.slice(0, MAX_MESSAGE)}...`
}
