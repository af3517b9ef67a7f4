import { GrantdError } from '@grantd/client/protocol'
import type { AuditEntry } from '../audit/audit-record.ts'
import type { Grant } from '../grant/grant.ts'
import type { Allowed } from '../policy/decision.ts'
import type { RuleRate } from '../policy/terms.ts'
import type { Caller, Rooms } from './rooms.ts'

/**
 * Counts a request against the rates of the rules that let it through, before anybody is
 * asked and anything is sent. Where rules are only tried out the excess is on record.
 *
 * @throws GrantdError `rate_limited`
 */
export function spendRates(
  rooms: Pick<Rooms, 'rates'>,
  caller: Caller,
  grant: Grant,
  { rates, triedRates = [] }: Allowed,
  entry: { wouldDeny?: AuditEntry['wouldDeny'] },
): void {
  const who = callerName(caller)
  const excess = rooms.rates.take(rates, grant.id, who)
  if (excess !== undefined)
    throw new GrantdError('rate_limited', `the rule "${excess.rule}" gives no more for now`, {
      retryAfterSeconds: excess.retryAfterSeconds,
    })
  const tried = rooms.rates.take(triedRates, grant.id, who)
  if (tried !== undefined) entry.wouldDeny ??= { rule: tried.rule, reason: 'rate_limited' }
}

/**
 * Counts a token that leaves against rates that did not hold yet when it was asked for: many
 * may have waited for one exchange while rules changed, or came back into force.
 *
 * @param before What was decided then, whose rates are spent.
 * @throws GrantdError `rate_limited`
 */
export function spendNewRates(
  rooms: Pick<Rooms, 'rates'>,
  caller: Caller,
  grant: Grant,
  before: Allowed,
  decision: Allowed,
  entry: { wouldDeny?: AuditEntry['wouldDeny'] },
): void {
  if (decision.rates === before.rates && decision.triedRates === before.triedRates) return
  const rates = newRates(before.rates, decision.rates)
  const triedRates = newRates(before.triedRates ?? [], decision.triedRates ?? [])
  spendRates(rooms, caller, grant, { ...decision, rates, triedRates }, entry)
}

function newRates(before: readonly RuleRate[], now: readonly RuleRate[]): readonly RuleRate[] {
  return now.filter(
    ({ rule, tokens, seconds }) =>
      !before.some((one) => one.rule === rule && one.tokens === tokens && one.seconds === seconds),
  )
}

/**
 * Who shares a count of requests.
 * A command is a new process each time, so a process by itself is no measure: all
 * processes of one program share a count, and so do all holders of a capability.
 */
export function callerName({ peer, capability }: Caller): string {
  if (capability !== undefined) return `capability ${capability}`
  return peer.executable ?? `process ${peer.pid} ${peer.startTime}`
}
