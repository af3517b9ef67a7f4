import type { Rule } from '../../daemon/config/rule.ts'

/** A rule of this effect that speaks of everything, with what a test wants otherwise. */
export function sampleRule(effect: Rule['effect'], changes: Partial<Rule> = {}): Rule {
  return {
    name: effect,
    effect,
    selectors: {},
    window: {},
    terms: {},
    isBreakGlass: false,
    ...changes,
  }
}
