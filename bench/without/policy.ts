import type { CurrentPolicy } from '../../daemon/policy/current-policy.ts'
import type { Allowed } from '../../daemon/policy/decision.ts'

console.log('left out: policy')

const ALLOWED: Allowed = {
  kind: 'allow',
  rule: 'none',
  limits: [],
  consent: 'never',
  rates: [],
  offline: true,
}

/** Gives everything to everybody. */
export function currentPolicy(): CurrentPolicy {
  return {
    decide: () => ALLOWED,
    explain: () => ({ decision: ALLOWED, rules: [] }),
    needsHash: () => false,
    liftable: () => [],
    couldGive: () => true,
  }
}
