import type { Rule, Selectors } from '../config/rule.ts'
import { grantedScope } from '../grant/granted-scope.ts'
import type { PolicyQuestion } from './question.ts'

/** Selectors from the most telling to the least: the order in which one allow rule beats another. */
const ORDER = [
  'executableSha256',
  'executable',
  'unit',
  'capability',
  'gid',
  'class',
  'listener',
  'grant',
  'audience',
  'scope',
] as const satisfies readonly (keyof Selectors)[]

/** The words of the file. */
const KEYS: Partial<Record<keyof Selectors, string>> = { executableSha256: 'executable_sha256' }

/**
 * The first selector of a rule that does not fit, with the reason; the window of time is
 * not looked at. A fact that could not be read never helps the caller: it fits no rule that
 * allows, and every rule that denies or limits. In the same sense a scope fits a rule that
 * allows when it lies within the list, and one that denies or limits when they touch.
 *
 * @returns `undefined` when every selector fits.
 */
export function mismatch(rule: Rule, question: PolicyQuestion): string | undefined {
  for (const name of ORDER) {
    const wanted = rule.selectors[name] as readonly (string | number)[] | undefined
    if (wanted === undefined) continue
    const reason =
      name === 'scope' ? scopeReason(rule, question) : fact(rule, name, wanted, question)
    if (reason !== undefined) return reason
  }
  return undefined
}

/** How telling the selectors of a rule are: any one outweighs all that come after it. */
export function specificity(selectors: Selectors): number {
  return ORDER.reduce((sum, name) => sum * 2 + (selectors[name] === undefined ? 0 : 1), 0)
}

/** True when a rule selects by who asks, and not only by what is asked for. */
export function selectsPeers({ selectors }: Rule): boolean {
  return ORDER.slice(0, -3).some((name) => selectors[name] !== undefined)
}

/** What was asked for; without a scope that is everything granted for the audience. */
export function askedScope({
  grant,
  audience,
  scope,
}: Pick<PolicyQuestion, 'grant' | 'audience' | 'scope'>): readonly string[] {
  return scope ?? grantedScope(grant, audience) ?? []
}

type Fact = Exclude<keyof Selectors, 'scope'>

function fact(
  rule: Rule,
  name: Fact,
  wanted: readonly (string | number)[],
  question: PolicyQuestion,
): string | undefined {
  const key = KEYS[name] ?? name
  const is = factOf(name, question)
  if (is === undefined) {
    const isUnread = name === 'executable' || name === 'executableSha256'
    if (isUnread && rule.effect !== 'allow') return undefined
    return isUnread ? `"${key}" could not be read` : `no "${key}"`
  }
  if (wanted.includes(is)) return undefined
  // a program that was replaced while it ran is still the one a rule means to stop
  if (name === 'executable' && rule.effect !== 'allow')
    if (wanted.includes(String(is).replace(/ \(deleted\)$/, ''))) return undefined
  return `"${key}" is "${is}"`
}

function factOf(name: Fact, question: PolicyQuestion): string | number | undefined {
  const { peer, listener, capability, grant, audience } = question
  switch (name) {
    case 'executableSha256':
      return question.executableSha256
    case 'executable':
      return peer.executable
    case 'unit':
      return peer.unit
    case 'capability':
      return capability
    case 'gid':
      return peer.gid
    case 'class':
      return peer.class
    case 'listener':
      return listener
    case 'grant':
      return grant.name
    case 'audience':
      return audience
    default:
      return name satisfies never
  }
}

function scopeReason(rule: Rule, question: PolicyQuestion): string | undefined {
  const list = new Set(rule.selectors.scope)
  const asked = askedScope(question)
  if (rule.effect !== 'allow')
    return asked.some((word) => list.has(word)) ? undefined : 'none of the "scope" is asked for'
  const beyond = asked.filter((word) => !list.has(word))
  return beyond.length === 0 ? undefined : `"scope" goes beyond with "${beyond.join(' ')}"`
}
