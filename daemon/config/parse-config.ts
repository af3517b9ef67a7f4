import { PATTERNS } from '@grantd/client/protocol'
import { parse, TomlError } from 'smol-toml'
import { checkTable, type TableKind } from './check-table.ts'
import { LIFETIME_KEYS, type Lifetime, readLifetime } from './lifetime.ts'
import { locateKey, type Position } from './locate-key.ts'
import { durationBetween, wordOf } from './value-kind.ts'

/** What the configuration file may say; every member has a default. */
export interface Config {
  readonly log: { readonly level: LogLevel }
  readonly vault: {
    /**
     * Who shall keep the sealing key of a vault that has none yet: `auto` takes the keychain
     * where there is one, else the kernel's keyring, else memory.
     */
    readonly sealingKey: SealingKeyWish
    /** The vault locks when no token was handed out for so many seconds; absent: never. */
    readonly autoLockSeconds?: number
  }
  /** Limits of all grants. */
  readonly lifetime: Lifetime
  /** What single grants say otherwise, by name. */
  readonly grants: Readonly<Record<string, { readonly lifetime: Lifetime }>>
}

/** Who may be named to keep a sealing key. */
type SealingKeyWish = (typeof SEALING_KEYS)[number]

const SEALING_KEYS = [
  'auto',
  'keychain',
  'kernel-keyring',
  'passphrase',
  'credential-file',
  'memory',
] as const

/** From silent to everything that is safe to write down. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** The levels of the log, least first. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const

/** What stands when no file says otherwise. */
export const DEFAULT_CONFIG: Config = {
  log: { level: 'info' },
  vault: { sealingKey: 'auto' },
  lifetime: {},
  grants: {},
}

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
  sealing_key: wordOf(SEALING_KEYS),
  auto_lock: durationBetween(AUTO_LOCK.leastSeconds, AUTO_LOCK.mostSeconds),
}

/** The whole file: its tables, their keys, and what a key's value may be. */
export const FILE: TableKind = {
  keys: {
    log: { keys: LOG },
    vault: { keys: VAULT },
    lifetime: { keys: LIFETIME_KEYS },
    grant: {
      names: new RegExp(PATTERNS.grantName),
      each: { keys: { lifetime: { keys: LIFETIME_KEYS } } },
    },
  },
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
  const problem = checkTable(file, FILE)
  if (problem !== undefined) return at(text, problem.path, problem.message)
  return { config: configOf(file) }
}

/** Every value was read once above; here they get their names. */
function configOf(file: Record<string, unknown>): Config {
  const log = membersOf(file['log'])
  const vault = membersOf(file['vault'])
  const autoLockSeconds = VAULT.auto_lock.read(vault['auto_lock'])
  return {
    log: { level: LOG.level.read(log['level']) ?? DEFAULT_CONFIG.log.level },
    vault: {
      sealingKey: VAULT.sealing_key.read(vault['sealing_key']) ?? DEFAULT_CONFIG.vault.sealingKey,
      ...(autoLockSeconds !== undefined && { autoLockSeconds }),
    },
    lifetime: readLifetime(membersOf(file['lifetime'])),
    grants: Object.fromEntries(
      Object.entries(membersOf(file['grant'])).map(([name, grant]) => [
        name,
        { lifetime: readLifetime(membersOf(membersOf(grant)['lifetime'])) },
      ]),
    ),
  }
}

function membersOf(table: unknown): Readonly<Record<string, unknown>> {
  return (table as Readonly<Record<string, unknown>> | undefined) ?? {}
}

function at(
  text: string,
  path: readonly string[],
  message: string,
): { readonly problem: ConfigProblem } {
  return { problem: { ...locateKey(text, path), message: printable(message) } }
}

/** Shown on a terminal and in every answer while the file is broken. */
function printable(text: string): string {
  const shown = text.replace(/[^\x20-\x7e]/g, '?')
  return shown.length <= MAX_MESSAGE ? shown : `${shown.slice(0, MAX_MESSAGE)}...`
}
