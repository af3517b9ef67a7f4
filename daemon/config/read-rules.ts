import type { TableProblem } from './check-table.ts'
import type { Rule, Selectors, Terms, TimeWindow } from './rule.ts'
import { RULE_KEYS, SELECTOR_KEYS, TERM_KEYS, WINDOW_KEYS } from './rule-keys.ts'

/** Whose file it is: the system's can only narrow what the user's gives. */
export type ConfigLevel = 'system' | 'user'

/** Every request is compared with all of them; a person keeps no more in mind by far. */
export const MAX_RULES = 256

type Members = Readonly<Record<string, unknown>>

/** The keys of a rule and the words they have in the code. */
const SELECTOR_NAMES = {
  executable_sha256: 'executableSha256',
  executable: 'executable',
  unit: 'unit',
  capability: 'capability',
  gid: 'gid',
  class: 'class',
  listener: 'listener',
  grant: 'grant',
  audience: 'audience',
  scope: 'scope',
} as const satisfies Record<keyof typeof SELECTOR_KEYS, keyof Selectors>

const TERM_NAMES = {
  max_scope: 'maxScope',
  max_lifetime: 'maxLifetimeSeconds',
  consent: 'consent',
  rate: 'rate',
  offline: 'offline',
} as const satisfies Record<keyof typeof TERM_KEYS, keyof Terms>

const WINDOW_NAMES = {
  hours: 'hours',
  days: 'days',
} as const satisfies Record<keyof typeof WINDOW_KEYS, keyof TimeWindow>

/**
 * Reads rules whose every key was checked by itself, and says where one contradicts
 * itself, another one, or the level of its file.
 *
 * @param tables The elements of `rule`.
 */
export function readRules(
  tables: readonly Members[],
  level: ConfigLevel,
): { readonly rules: readonly Rule[] } | { readonly problem: TableProblem } {
  if (tables.length > MAX_RULES)
    return { problem: { path: ['rule', MAX_RULES], message: `more than ${MAX_RULES} rules` } }
  const seen = new Set<unknown>()
  for (const [index, table] of tables.entries()) {
    const problem = contradiction(table, level, seen)
    if (problem !== undefined) {
      const { key, message } = problem
      return { problem: { path: ['rule', index, ...(key === undefined ? [] : [key])], message } }
    }
    seen.add(table['name'])
  }
  return { rules: tables.map(readRule) }
}

function contradiction(
  table: Members,
  level: ConfigLevel,
  names: ReadonlySet<unknown>,
): { readonly key?: string; readonly message: string } | undefined {
  const { name, effect } = table
  if (name === undefined) return { message: 'a rule needs a "name"' }
  if (names.has(name)) return { key: 'name', message: 'a second rule has this name' }
  if (effect === undefined) return { message: 'a rule needs an "effect"' }
  if (level === 'system' && effect === 'allow')
    return { key: 'effect', message: 'the system file can only narrow: deny or limit' }
  const term = Object.keys(TERM_KEYS).find((key) => table[key] !== undefined)
  if (effect === 'deny' && term !== undefined)
    return { key: term, message: `"${term}" means nothing in a rule that denies` }
  const isTimed = table['hours'] !== undefined || table['days'] !== undefined
  if (effect === 'limit' && term === undefined && !isTimed)
    return { key: 'effect', message: 'the rule limits nothing' }
  if (effect === 'allow' && table['break_glass'] !== undefined)
    return { key: 'break_glass', message: '"break_glass" means nothing in a rule that allows' }
  return undefined
}

function readRule(table: Members): Rule {
  return {
    name: RULE_KEYS.name.read(table['name']) ?? '',
    // of a rule whose effect nobody could read nothing is left
    effect: RULE_KEYS.effect.read(table['effect']) ?? 'deny',
    selectors: members(table, SELECTOR_KEYS, SELECTOR_NAMES),
    window: members(table, WINDOW_KEYS, WINDOW_NAMES),
    terms: members(table, TERM_KEYS, TERM_NAMES),
    isBreakGlass: table['break_glass'] === true,
  }
}

/** The members that a table has, each read by its kind and under its name in the code, which is what the callers state. */
function members(
  table: Members,
  kinds: Readonly<Record<string, { readonly read: (value: unknown) => unknown }>>,
  names: Readonly<Record<string, string>>,
): object {
  const given = Object.entries(kinds).filter(([key]) => table[key] !== undefined)
  return Object.fromEntries(given.map(([key, kind]) => [names[key], kind.read(table[key])]))
}
