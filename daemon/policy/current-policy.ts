import type { Policy } from '../config/config-files.ts'
import type { Rule } from '../config/rule.ts'
import type { PeerClass } from '../peer/peer.ts'
import { couldGive, type RenewalQuestion } from './could-give.ts'
import { decide, explain } from './decide.ts'
import type { Decision, Explanation } from './decision.ts'
import { liftableRules } from './liftable-rules.ts'
import type { LocalTime } from './local-time.ts'
import type { PolicyQuestion } from './question.ts'
import { RecentDecisions } from './recent-decisions.ts'

/** A question without the time, which is always now. */
export type QuestionOfNow = Omit<PolicyQuestion, 'time'>

/** The rules as they are now. Every method throws `config_invalid` while a file is broken. */
export interface CurrentPolicy {
  decide(question: QuestionOfNow): Decision
  /** @param time Another time than now. */
  explain(question: QuestionOfNow, time?: LocalTime): Explanation
  /** Whether any rule selects by the hash of an executable: nobody reads one for nothing. */
  needsHash(): boolean
  /** Names of the rules that break-glass would lift for a grant, by its name, and a class. */
  liftable(grant: string, ofClass: PeerClass): readonly string[]
  /** Whether anybody at all could get such a token now. */
  couldGive(question: Omit<RenewalQuestion, 'time'>): boolean
}

/**
 * @param options.rules The rules of both files, looked at again with every question.
 * @param options.time What a clock on the wall shows.
 */
export function currentPolicy(options: {
  readonly rules: () => Policy
  readonly time: () => LocalTime
}): CurrentPolicy {
  const { rules, time } = options
  const recent = new RecentDecisions()
  return {
    decide: (question) => {
      const policy = rules()
      return recent.decide(policy, question, () => decide(policy, { ...question, time: time() }))
    },
    explain: (question, at = time()) => explain(rules(), { ...question, time: at }),
    needsHash: () => {
      const { system, user } = rules()
      return system.some(namesHash) || user.some(namesHash)
    },
    liftable: (grant, ofClass) => liftableRules(rules(), grant, ofClass),
    couldGive: (question) => couldGive(rules(), { ...question, time: time() }),
  }
}

function namesHash({ selectors }: Rule): boolean {
  return selectors.executableSha256 !== undefined
}
