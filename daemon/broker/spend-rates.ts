import { GrantdError } from '@grantd/client/protocol'
import type { AuditEntry } from '../audit/audit-record.ts'
import type { Grant } from '../grant/grant.ts'
import type { Allowed } from '../policy/decision.ts'
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
 * Who shares a count of requests.
 * A command is a new process each time, so a process by itself is no measure: all
 * processes of one program share a count, and so do all holders of a capability.
 */
export function callerName({ peer, capability }: Caller): string {
  if (capability !== undefined) return `capability ${capability}`
  return peer.executable ?? `process ${peer.pid} ${peer.startTime}`
}
