import { AuditReader } from '../../daemon/audit/audit-reader.ts'
import { BEGINNING } from '../../daemon/audit/chain.ts'
import type { AuditTrail } from '../../daemon/wiring/audit-trail.ts'

console.log('left out: audit')

/** Writes nothing down. */
export function openAuditTrail({ uid }: { readonly uid: number }): Promise<AuditTrail> {
  const audit: AuditTrail['audit'] = {
    append: () => undefined,
    appendDurably: () => Promise.resolve(),
    close: () => undefined,
    snapshot: () => ({
      files: [],
      head: BEGINNING,
      fragment: undefined,
      newest: { isOurs: () => false },
    }),
    maintain: () => Promise.resolve(),
    settle: () => Promise.resolve(),
  }
  const reader = new AuditReader({ log: audit, uid, scanBytes: 1, pageBytes: 1 })
  return Promise.resolve({ audit, reader })
}
