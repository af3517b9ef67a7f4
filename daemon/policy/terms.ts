import type { ConsentTerm, Rate, Terms } from '../config/rule.ts'
import { withoutLoginScopes } from '../grant/scope.ts'

/** A rate and the rule that sets it: every such rule has its own count. */
export interface RuleRate extends Rate {
  readonly rule: string
}

/** What several rules give together. */
export interface JointTerms {
  /** Widest scope; absent: what was granted. */
  readonly scopeCap?: readonly string[]
  /** Longest life of a token in seconds; absent: the issuer's own. */
  readonly maxLifetimeSeconds?: number
  readonly consent: ConsentTerm
  /** All of them must hold: no two rates can be compared, one has the longer breath. */
  readonly rates: readonly RuleRate[]
  /** False: no cached token while the issuer cannot be reached. */
  readonly offline: boolean
}

/** What a rule gives that limits nothing. */
export const FREE_TERMS: JointTerms = { consent: 'never', rates: [], offline: true }

/** What is left when another rule has its say too; the order of rules does not matter. */
export function narrow(joint: JointTerms, rule: string, terms: Terms): JointTerms {
  const scopeCap = intersection(joint.scopeCap, terms.maxScope)
  const maxLifetimeSeconds = least(joint.maxLifetimeSeconds, terms.maxLifetimeSeconds)
  return {
    ...(scopeCap !== undefined && { scopeCap }),
    ...(maxLifetimeSeconds !== undefined && { maxLifetimeSeconds }),
    consent: stricterConsent(joint.consent, terms.consent ?? 'never'),
    rates: terms.rate === undefined ? joint.rates : [...joint.rates, { ...terms.rate, rule }],
    offline: joint.offline && terms.offline !== false,
  }
}

/** `always` is stricter than a time, a shorter time than a longer one, then `once`, then `never`. */
export function isStricterConsent(one: ConsentTerm, other: ConsentTerm): boolean {
  return strictness(one) > strictness(other)
}

/**
 * What of a scope goes beyond a cap. The scopes that steer a login itself are no part of
 * what a token may do, and count for nothing.
 */
export function beyondCap(
  scope: readonly string[],
  cap: readonly string[] | undefined,
): readonly string[] {
  return cap === undefined ? [] : withoutLoginScopes(scope).filter((word) => !cap.includes(word))
}

function stricterConsent(one: ConsentTerm, other: ConsentTerm): ConsentTerm {
  return isStricterConsent(other, one) ? other : one
}

function strictness(term: ConsentTerm): number {
  if (term === 'never') return 0
  if (term === 'once') return 1
  // more than 1 and less than 3, whatever the time
  return term === 'always' ? 3 : 1 + 1 / term.seconds
}

function intersection(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): readonly string[] | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return one.filter((word) => other.includes(word))
}

function least(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return Math.min(one, other)
}
