import type { Policy } from '../config/config-files.ts'
import type { Rule } from '../config/rule.ts'
import { isWithin } from './local-time.ts'
import { mismatch, selectsPeers } from './match-rule.ts'
import type { PolicyQuestion } from './question.ts'
import { beyondCap } from './terms.ts'

/** A token, and nobody in particular who asks for it. */
export type RenewalQuestion = Pick<PolicyQuestion, 'grant' | 'scope' | 'audience' | 'time'>

/**
 * Whether there is a caller to whom the rules would give such a token now. Rules that
 * select by who asks may or may not fit: one that allows counts as if it did, one that
 * denies or limits as if it did not. A yes gives nothing to anybody: whoever asks is
 * judged by {@link decide}.
 */
export function couldGive({ mode, system, user }: Policy, question: RenewalQuestion): boolean {
  const enforced = mode === 'enforce' ? [...system, ...user] : system
  const isClosed = enforced.some(
    (rule) => rule.effect !== 'allow' && !selectsPeers(rule) && forbids(rule, question),
  )
  if (isClosed) return false
  const allows = user.filter(({ effect }) => effect === 'allow')
  if (mode !== 'enforce' || allows.length === 0) return true
  return allows.some(
    (rule) =>
      fits(rule, question) && isWithin(rule.window, question.time) && !isBeyond(rule, question),
  )
}

function forbids(rule: Rule, question: RenewalQuestion): boolean {
  if (!fits(rule, question)) return false
  const isOpen = isWithin(rule.window, question.time)
  return rule.effect === 'deny' ? isOpen : !isOpen || isBeyond(rule, question)
}

function isBeyond({ terms }: Rule, { scope = [] }: RenewalQuestion): boolean {
  return beyondCap(scope, terms.maxScope).length > 0
}

/** By what is asked for alone. */
function fits(rule: Rule, question: RenewalQuestion): boolean {
  const { grant, audience, scope } = rule.selectors
  const selectors = {
    ...(grant !== undefined && { grant }),
    ...(audience !== undefined && { audience }),
    ...(scope !== undefined && { scope }),
  }
  const nobody = { uid: 0, gid: 0, pid: 0, class: 'unidentified' } as const
  return (
    mismatch({ ...rule, selectors }, { ...question, peer: nobody, listener: 'broker' }) ===
    undefined
  )
}
