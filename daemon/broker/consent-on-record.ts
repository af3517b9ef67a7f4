import type { AuditLog } from '../audit/audit-log.ts'
import type { AuditEntry } from '../audit/audit-record.ts'
import { choiceWord } from '../consent/choice.ts'
import type { ConsentQuestion } from '../consent/consent.ts'
import type { ConsentEnd, ConsentRecord } from '../consent/consent-desk.ts'

/** Puts on record what a person was asked, before they see it, and what they said, before it counts. */
export function consentOnRecord(audit: Pick<AuditLog, 'append'>): ConsentRecord {
  return {
    asked: (question) => audit.append({ event: 'consent.asked', ...factsOf(question) }),
    ended: (question, end) =>
      audit.append({
        event: end.kind === 'given' ? 'consent.given' : 'consent.denied',
        ...factsOf(question),
        reason: wordOf(end),
      }),
  }
}

function wordOf(end: ConsentEnd): string {
  return end.kind === 'given' ? choiceWord(end.choice) : end.reason
}

function factsOf(question: ConsentQuestion): Omit<AuditEntry, 'event'> {
  const { peer, grant, grantId, scope, audience, purpose, lifting } = question
  if (lifting !== undefined) {
    const { class: ofClass, seconds, reason, rules } = lifting
    const request = { reason, class: ofClass, for: seconds }
    return { peer, grant, grantId, lifted: rules, request }
  }
  return {
    peer,
    grant,
    grantId,
    scope,
    audience,
    ...(purpose !== undefined && { request: { purpose } }),
  }
}
