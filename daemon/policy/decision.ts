import type { RULE_EFFECTS } from '../config/rule.ts'
import type { JointTerms, RuleRate } from './terms.ts'

/** Who refused, and why in a few words. */
interface RuleReason {
  readonly rule: string
  readonly reason: string
}

/** What policy gives, with the rule that gave it. */
export type Decision = Allowed | Denied

/** A yes, and what narrows it. */
export interface Allowed extends JointTerms {
  readonly kind: 'allow'
  /** Name of the rule; `built-in` for the one that needs no file. */
  readonly rule: string
  /** Names of the rules that narrow it. */
  readonly limits: readonly string[]
  /** Names of the rules that would have had a say without break-glass; absent where there are none. */
  readonly lifted?: readonly string[]
  /** What rules that are only tried out would have refused. */
  readonly wouldDeny?: RuleReason
  /** Rates of rules that are only tried out. */
  readonly triedRates?: readonly RuleRate[]
}

/** A no. */
export interface Denied extends RuleReason {
  readonly kind: 'deny'
  readonly code: 'access_denied' | 'unauthorized_peer'
}

/** What became of one rule. */
export interface RuleVerdict {
  readonly level: 'built-in' | 'system' | 'user'
  readonly name: string
  readonly effect: (typeof RULE_EFFECTS)[number]
  /**
   * `denies` and `refuses` are a no; `allows` is the one that won; `beaten` fits, but another
   * allow rule fits better; `lifted` would say no without break-glass.
   */
  readonly verdict: 'denies' | 'refuses' | 'allows' | 'beaten' | 'narrows' | 'no_match' | 'lifted'
  readonly why: string
}

/** A decision and what every rule had to do with it. */
export interface Explanation {
  readonly decision: Decision
  readonly rules: readonly RuleVerdict[]
}
