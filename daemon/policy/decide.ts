import type { Policy } from '../config/config-files.ts'
import type { Rule } from '../config/rule.ts'
import { grantedScope } from '../grant/granted-scope.ts'
import { scopeBeyond, withoutLoginScopes } from '../grant/scope.ts'
import type { Allowed, Decision, Denied, Explanation, RuleVerdict } from './decision.ts'
import { formatWindow, isWithin } from './local-time.ts'
import { askedScope, mismatch, specificity } from './match-rule.ts'
import type { PolicyQuestion } from './question.ts'
import { beyondCap, FREE_TERMS, type JointTerms, narrow } from './terms.ts'

/** The name of what holds without any file, and of the rule that stands while nobody wrote one. */
const BUILT_IN = 'built-in'

/**
 * What a caller may have. First come limits that no rule can lift, then every rule that
 * denies, then the most telling rule that allows, then all rules that limit; what nothing
 * allows is denied. Rules of the system's file can only take away.
 *
 * Where the user's rules are only tried out, whoever the built-in rule lets in gets what it
 * gives, and others what a rule that allows gives them; the decision says what would have
 * been refused.
 */
export function decide(policy: Policy, question: PolicyQuestion): Decision {
  return explain(policy, question).decision
}

/** The same decision, with the part that every rule had in it. */
export function explain(policy: Policy, question: PolicyQuestion): Explanation {
  const refusal = unliftable(question)
  if (refusal !== undefined) return { decision: refusal, rules: [] }
  const enforced = judge(enforcedRules(policy), question)
  if (policy.mode === 'enforce' || policy.user.length === 0) return enforced
  const { decision } = judge(triedRules(policy, question), question)
  if (decision.kind === 'deny') return { ...enforced, decision }
  return { ...enforced, decision: withTrial(decision, enforced.decision) }
}

/** A rule, whose it is, and the name it has in records. */
interface Sourced {
  readonly level: 'built-in' | 'system' | 'user'
  readonly label: string
  readonly rule: Rule
}

/** Stands while the user wrote no rule that allows: processes beside us, and whoever holds a capability. */
const BUILT_IN_RULES: readonly Sourced[] = [
  builtIn({ class: ['local'], listener: ['broker'] }),
  builtIn({ listener: ['capability'] }),
]

function builtIn(selectors: Rule['selectors']): Sourced {
  const rule: Rule = {
    name: BUILT_IN,
    effect: 'allow',
    selectors,
    window: {},
    terms: {},
    isBreakGlass: false,
  }
  return { level: 'built-in', label: BUILT_IN, rule }
}

/** Names of the two files never meet: what the user calls a rule cannot begin like this. */
function sourced(level: 'system' | 'user', rules: readonly Rule[]): readonly Sourced[] {
  return rules.map((rule) => ({
    level,
    label: level === 'system' ? `system:${rule.name}` : rule.name,
    rule,
  }))
}

function enforcedRules({ system, user }: Policy): readonly Sourced[] {
  const hasAllow = user.some(({ effect }) => effect === 'allow')
  return [
    ...sourced('system', system),
    ...sourced('user', user),
    ...(hasAllow ? [] : BUILT_IN_RULES),
  ]
}

function triedRules({ system, user }: Policy, question: PolicyQuestion): readonly Sourced[] {
  const isLetIn = BUILT_IN_RULES.some(({ rule }) => mismatch(rule, question) === undefined)
  const allows = user.filter(({ effect }) => effect === 'allow')
  return [...sourced('system', system), ...(isLetIn ? BUILT_IN_RULES : sourced('user', allows))]
}

function withTrial(given: Allowed, enforced: Decision): Allowed {
  if (enforced.kind === 'deny')
    return { ...given, wouldDeny: { rule: enforced.rule, reason: enforced.reason } }
  return enforced.rates.length === 0 ? given : { ...given, triedRates: enforced.rates }
}

/** What no rule, no file and no mode can give. */
function unliftable({
  peer,
  listener,
  grant,
  scope = [],
  audience,
}: PolicyQuestion): Denied | undefined {
  if (listener === 'admin')
    return denied(BUILT_IN, 'no tokens on the "admin" listener', 'unauthorized_peer')
  if (peer.class === 'root')
    return denied(BUILT_IN, 'the class "root" gets no tokens', 'unauthorized_peer')
  const granted = grantedScope(grant, audience)
  if (granted === undefined) return denied(BUILT_IN, 'the audience goes beyond the grant')
  if (scopeBeyond(scope, granted).length > 0)
    return denied(BUILT_IN, 'the scope goes beyond the grant')
  return undefined
}

function denied(rule: string, reason: string, code: Denied['code'] = 'access_denied'): Denied {
  return { kind: 'deny', rule, code, reason }
}

function judge(rules: readonly Sourced[], question: PolicyQuestion): Explanation {
  const seen = rules.map((one) => ({ one, ...look(one, question) }))
  const winner = mostTelling(
    seen.filter(({ verdict }) => verdict === 'beaten').map(({ one }) => one),
  )
  const verdicts = seen.map(
    ({ one, verdict, why }): RuleVerdict => ({
      level: one.level,
      name: one.rule.name,
      effect: one.rule.effect,
      verdict: one === winner ? 'allows' : verdict,
      why: one === winner ? 'fits best of all that allow' : why,
    }),
  )
  const labelled = seen.map(({ one }, index) => ({ one, verdict: verdicts[index]?.verdict }))
  const no = (wanted: RuleVerdict['verdict']): Sourced | undefined =>
    labelled.find(({ verdict }) => verdict === wanted)?.one
  const denying = no('denies')
  if (denying !== undefined)
    return { decision: denied(denying.label, 'a rule denies it'), rules: verdicts }
  if (winner === undefined) return { decision: nothingAllows(question), rules: verdicts }
  const closed = no('refuses')
  if (closed !== undefined)
    return {
      decision: denied(closed.label, `only ${formatWindow(closed.rule.window)}`),
      rules: verdicts,
    }
  const all = (wanted: RuleVerdict['verdict']): readonly Sourced[] =>
    labelled.filter(({ verdict }) => verdict === wanted).map(({ one }) => one)
  const decision = narrowed(winner, all('narrows'), question)
  return { decision: withLifted(decision, all('lifted')), rules: verdicts }
}

/** What one rule says by itself; of the rules that allow, all but one are beaten in the end. */
function look(
  { rule }: Sourced,
  question: PolicyQuestion,
): { readonly verdict: RuleVerdict['verdict']; readonly why: string } {
  const reason = misfit(rule, question)
  if (reason !== undefined) return { verdict: 'no_match', why: reason }
  if (rule.effect === 'allow') return { verdict: 'beaten', why: 'another rule fits better' }
  if (rule.isBreakGlass && question.isGlassBroken === true)
    return { verdict: 'lifted', why: 'lifted by break-glass' }
  if (rule.effect === 'deny') return { verdict: 'denies', why: 'fits' }
  return isWithin(rule.window, question.time)
    ? { verdict: 'narrows', why: 'fits' }
    : { verdict: 'refuses', why: `fits, and it is not ${formatWindow(rule.window)}` }
}

function misfit(rule: Rule, question: PolicyQuestion): string | undefined {
  const reason = mismatch(rule, question)
  if (reason !== undefined) return reason
  if (rule.effect === 'allow' && !namesStranger(rule, question))
    return `it does not name the class "${question.peer.class}"`
  if (rule.effect !== 'limit' && !isWithin(rule.window, question.time))
    return `it is not ${formatWindow(rule.window)}`
  return undefined
}

/** Whoever does not run beside us gets nothing by accident: a rule must have meant them. */
function namesStranger({ selectors }: Rule, { peer, listener }: PolicyQuestion): boolean {
  if (peer.class === 'local' || selectors.class !== undefined) return true
  const meansHolders =
    selectors.capability !== undefined || selectors.listener?.includes('capability') === true
  return listener === 'capability' && meansHolders
}

/** The first one in the order of the file, where several tell the same. */
function mostTelling(rules: readonly Sourced[]): Sourced | undefined {
  const [first, ...others] = rules
  if (first === undefined) return undefined
  return others.reduce(
    (best, one) =>
      specificity(one.rule.selectors) > specificity(best.rule.selectors) ? one : best,
    first,
  )
}

function nothingAllows({ peer }: PolicyQuestion): Denied {
  return peer.class === 'local'
    ? denied(BUILT_IN, 'no rule allows it')
    : denied(BUILT_IN, `no rule names the class "${peer.class}"`, 'unauthorized_peer')
}

function withLifted(decision: Decision, rules: readonly Sourced[]): Decision {
  if (decision.kind === 'deny' || rules.length === 0) return decision
  return { ...decision, lifted: rules.map(({ label }) => label) }
}

function narrowed(winner: Sourced, limits: readonly Sourced[], question: PolicyQuestion): Decision {
  let joint: JointTerms = FREE_TERMS
  for (const { label, rule } of [winner, ...limits]) {
    joint = narrow(joint, label, rule.terms)
    if (isBeyond(joint.scopeCap, question))
      return denied(label, scopeReason(joint.scopeCap, question))
  }
  return {
    kind: 'allow',
    rule: winner.label,
    limits: limits.map(({ label }) => label),
    ...joint,
  }
}

/** Who asks without a scope gets what is left of it, and nothing is left of nothing. */
function isBeyond(cap: readonly string[] | undefined, question: PolicyQuestion): boolean {
  if (cap === undefined) return false
  if (question.scope !== undefined) return beyondCap(question.scope, cap).length > 0
  return !withoutLoginScopes(askedScope(question)).some((word) => cap.includes(word))
}

function scopeReason(cap: readonly string[] = [], { scope }: PolicyQuestion): string {
  if (scope === undefined) return 'nothing that was granted lies within "max_scope"'
  return `"${beyondCap(scope, cap).join(' ')}" goes beyond "max_scope"`
}
