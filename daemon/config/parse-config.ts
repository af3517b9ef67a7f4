import { parse, TomlError } from 'smol-toml'

/** What the configuration file may say; every member has a default. */
export interface Config {
  readonly log: { readonly level: LogLevel }
  readonly vault: {
    /** Who holds the sealing key: `auto` takes the keychain where there is one, else memory. */
    readonly sealingKey: 'auto' | 'keychain' | 'memory'
  }
}

/** From silent to everything that is safe to write down. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** The levels of the log, least first. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const

/** What stands when no file says otherwise. */
export const DEFAULT_CONFIG: Config = { log: { level: 'info' }, vault: { sealingKey: 'auto' } }

/** What is wrong with the file, and where; lines and columns count from 1. */
export interface ConfigProblem {
  readonly line: number
  readonly column: number
  readonly message: string
}

/** Tables, their keys, and the values a key may have. */
const KEYS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  log: { level: LOG_LEVELS },
  vault: { sealing_key: ['auto', 'keychain', 'memory'] },
}

/**
 * Reads a configuration file's text. An unknown table or key is a mistake, not a
 * wish for the future: what is not understood might have been a limit.
 */
export function parseConfig(
  text: string,
): { readonly config: Config } | { readonly problem: ConfigProblem } {
  let file: Record<string, unknown>
  try {
    file = parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const message = error.message.split('\n')[0] ?? 'not TOML'
    return { problem: { line: error.line, column: error.column, message } }
  }
  for (const [table, members] of Object.entries(file)) {
    const keys = KEYS[table]
    if (keys === undefined) return at(text, table, undefined, `unknown table "${table}"`)
    if (typeof members !== 'object' || members === null || Array.isArray(members))
      return at(text, table, undefined, `"${table}" must be a table`)
    for (const [key, value] of Object.entries(members)) {
      const allowed = keys[key]
      if (allowed === undefined) return at(text, table, key, `unknown key "${key}" in "${table}"`)
      if (typeof value !== 'string' || !allowed.includes(value))
        return at(text, table, key, `"${key}" must be one of ${allowed.join(', ')}`)
    }
  }
  return { config: configOf(file) }
}

function configOf(file: Record<string, unknown>): Config {
  const value = (table: string, key: string): unknown =>
    (file[table] as Record<string, unknown> | undefined)?.[key]
  // every value was checked against its list above
  return {
    log: { level: (value('log', 'level') as LogLevel | undefined) ?? DEFAULT_CONFIG.log.level },
    vault: {
      sealingKey:
        (value('vault', 'sealing_key') as Config['vault']['sealingKey'] | undefined) ??
        DEFAULT_CONFIG.vault.sealingKey,
    },
  }
}

function at(
  text: string,
  table: string,
  key: string | undefined,
  message: string,
): { readonly problem: ConfigProblem } {
  return { problem: { ...locate(text, table, key), message: printable(message) } }
}

/** The parser keeps no positions: the first line that can be what is meant. */
function locate(
  text: string,
  table: string,
  key: string | undefined,
): { line: number; column: number } {
  let current = ''
  for (const [i, line] of text.split('\n').entries()) {
    const header = /^\s*\[{1,2}\s*["']?([^\]"']+?)["']?\s*\]/.exec(line)
    if (header !== null) current = header[1] ?? ''
    const word = key === undefined || current !== table ? table : key
    const isHere =
      key === undefined
        ? header !== null && current === table
        : current === table && header === null
    const column = line.search(new RegExp(`(?<![\\w-])["']?${escapeRegExp(word)}["']?\\s*[\\].=]`))
    if (isHere && column >= 0) return { line: i + 1, column: column + 1 }
    if (header === null && current === '' && column >= 0) return { line: i + 1, column: column + 1 }
  }
  return { line: 1, column: 1 }
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?')
}
