import type { Policy } from '../config/config-files.ts'
import type { Rule } from '../config/rule.ts'
import type { Peer } from '../peer/peer.ts'
import type { QuestionOfNow } from './current-policy.ts'
import type { Decision } from './decision.ts'

interface Recent {
  readonly policy: Policy
  readonly question: QuestionOfNow
  readonly decision: Decision
}

/**
 * The last decision about each peer, for a caller who asks the same again. It is the one that
 * would be made anew: rules, grant and peer are the very same objects, which never change,
 * and no rule looks at the time. A change of any of them asks the rules again.
 */
export class RecentDecisions {
  readonly #recent = new WeakMap<Peer, Recent>()

  /** @param decide Makes a decision by the rules. */
  decide(policy: Policy, question: QuestionOfNow, decide: () => Decision): Decision {
    const recent = this.#recent.get(question.peer)
    if (recent?.policy === policy && isSameQuestion(recent.question, question))
      return recent.decision
    const decision = decide()
    if (isTimeless(policy)) this.#recent.set(question.peer, { policy, question, decision })
    return decision
  }
}

/** Peers are the same already. */
function isSameQuestion(one: QuestionOfNow, other: QuestionOfNow): boolean {
  return (
    one.grant === other.grant &&
    one.listener === other.listener &&
    one.capability === other.capability &&
    one.audience === other.audience &&
    one.executableSha256 === other.executableSha256 &&
    (one.isGlassBroken === true) === (other.isGlassBroken === true) &&
    isSameList(one.scope, other.scope)
  )
}

function isSameList(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): boolean {
  if (one === undefined || other === undefined) return one === other
  return one.length === other.length && one.every((word, at) => word === other[at])
}

function isTimeless({ system, user }: Policy): boolean {
  return !system.some(hasWindow) && !user.some(hasWindow)
}

function hasWindow({ window }: Rule): boolean {
  return window.hours !== undefined || window.days !== undefined
}
