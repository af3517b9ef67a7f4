import { PATTERNS } from '@grantd/client/protocol'
import { ANOMALY_KEYS, type AnomalyConfig, readAnomaly } from './anomaly.ts'
import type { TableKind } from './check-table.ts'
import { LIFETIME_KEYS, type Lifetime, readLifetime } from './lifetime.ts'
import { type ConfigProblem, parseTable, problemAt } from './parse-table.ts'
import { type ConfigLevel, readRules } from './read-rules.ts'
import type { Rule } from './rule.ts'
import { RULE_KEYS } from './rule-keys.ts'
import { durationBetween, textLike, wordOf } from './value-kind.ts'

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
  readonly service: {
    /** Under a service manager the daemon ends when nobody asked for so many seconds; absent: never. */
    readonly idleExitSeconds?: number
  }
  readonly consent: {
    /** Absolute path of the program that asks; absent: the first of the usual ones. */
    readonly pinentry?: string
  }
  readonly anomaly: AnomalyConfig
  /** Limits of all grants. */
  readonly lifetime: Lifetime
  /** What single grants say otherwise, by name. */
  readonly grants: Readonly<Record<string, { readonly lifetime: Lifetime }>>
  /** Whether rules of the user refuse or are tried out; absent: the file does not say. */
  readonly mode?: PolicyMode
  /** In the order of the file. */
  readonly rules: readonly Rule[]
}

/** `audit` records what rules of the user would refuse, and refuses it not. */
export type PolicyMode = (typeof POLICY_MODES)[number]

const POLICY_MODES = ['enforce', 'audit'] as const

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
  service: {},
  consent: {},
  anomaly: {},
  lifetime: {},
  grants: {},
  rules: [],
}

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

/** A start takes most of a second; whoever wants more than a month wants none. */
const IDLE_EXIT = { leastSeconds: 1, mostSeconds: 30 * 86_400 }

const SERVICE = {
  idle_exit: durationBetween(IDLE_EXIT.leastSeconds, IDLE_EXIT.mostSeconds),
}

const CONSENT = {
  pinentry: textLike(/^\/[\x21-\x7e]{1,255}$/, 'an absolute path without blanks'),
}

const POLICY = { mode: wordOf(POLICY_MODES) }

/** What narrows; all that a system file may say. */
const NARROWING = {
  policy: { keys: POLICY },
  lifetime: { keys: LIFETIME_KEYS },
  rule: { elements: { keys: RULE_KEYS } },
}

/** The whole file: its tables, their keys, and what a key's value may be. */
export const FILES: Readonly<Record<ConfigLevel, TableKind>> = {
  user: {
    keys: {
      ...NARROWING,
      log: { keys: LOG },
      vault: { keys: VAULT },
      service: { keys: SERVICE },
      consent: { keys: CONSENT },
      anomaly: { keys: ANOMALY_KEYS },
      grant: {
        names: new RegExp(PATTERNS.grantName),
        each: { keys: { lifetime: { keys: LIFETIME_KEYS } } },
      },
    },
  },
  // to try its rules out would widen what the user's own file may do
  system: { keys: { ...NARROWING, policy: { keys: { mode: wordOf(['enforce']) } } } },
}

/**
 * Reads a configuration file's text. An unknown table or key is a mistake, not a
 * wish for the future: what is not understood might have been a limit.
 */
export function parseConfig(
  source: string,
  level: ConfigLevel = 'user',
): { readonly config: Config } | { readonly problem: ConfigProblem } {
  const parsed = parseTable(source, FILES[level])
  if ('problem' in parsed) return parsed
  const { text, table: file } = parsed
  const read = readRules((file['rule'] ?? []) as readonly Record<string, unknown>[], level)
  if ('problem' in read) return problemAt(text, read.problem)
  return { config: configOf(file, read.rules) }
}

/** Every value was read once above; here they get their names. */
function configOf(file: Record<string, unknown>, rules: readonly Rule[]): Config {
  const log = membersOf(file['log'])
  const vault = membersOf(file['vault'])
  const mode = POLICY.mode.read(membersOf(file['policy'])['mode'])
  const pinentry = CONSENT.pinentry.read(membersOf(file['consent'])['pinentry'])
  const autoLockSeconds = VAULT.auto_lock.read(vault['auto_lock'])
  const idleExitSeconds = SERVICE.idle_exit.read(membersOf(file['service'])['idle_exit'])
  return {
    log: { level: LOG.level.read(log['level']) ?? DEFAULT_CONFIG.log.level },
    vault: {
      sealingKey: VAULT.sealing_key.read(vault['sealing_key']) ?? DEFAULT_CONFIG.vault.sealingKey,
      ...(autoLockSeconds !== undefined && { autoLockSeconds }),
    },
    service: { ...(idleExitSeconds !== undefined && { idleExitSeconds }) },
    consent: { ...(pinentry !== undefined && { pinentry }) },
    anomaly: readAnomaly(membersOf(file['anomaly'])),
    lifetime: readLifetime(membersOf(file['lifetime'])),
    grants: Object.fromEntries(
      Object.entries(membersOf(file['grant'])).map(([name, grant]) => [
        name,
        { lifetime: readLifetime(membersOf(membersOf(grant)['lifetime'])) },
      ]),
    ),
    ...(mode !== undefined && { mode }),
    rules,
  }
}

function membersOf(table: unknown): Readonly<Record<string, unknown>> {
  return (table as Readonly<Record<string, unknown>> | undefined) ?? {}
}
