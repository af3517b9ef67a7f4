import type { Peer } from '../peer/peer.ts'
import type { AuditEntry, LineParts } from './audit-record.ts'

/** The last record of each peer, and what its line was made of. */
const recent = new WeakMap<Peer, { readonly entry: AuditEntry; readonly parts: LineParts }>()

/**
 * The parts of an entry's line. A caller who gets the same token again has the same ones as
 * before: only the time is another, and the life that is left.
 *
 * @param format Makes them where anything is another.
 */
export function recentParts(
  entry: AuditEntry,
  format: (entry: AuditEntry) => LineParts,
): LineParts {
  const { peer } = entry
  if (peer === undefined) return format(entry)
  const last = recent.get(peer)
  if (last !== undefined && isSameButLife(last.entry, entry)) return last.parts
  const parts = format(entry)
  // a copy: whoever wrote the entry may change it
  recent.set(peer, { entry: { ...entry }, parts })
  return parts
}

/** Every member but the peer, which is the same already, and the life that is left. */
function isSameButLife(one: AuditEntry, other: AuditEntry): boolean {
  return (
    one.event === other.event &&
    one.token === other.token &&
    one.grantId === other.grantId &&
    one.grant === other.grant &&
    one.issuer === other.issuer &&
    one.scope === other.scope &&
    one.audience === other.audience &&
    one.generation === other.generation &&
    one.rule === other.rule &&
    one.request === other.request &&
    one.capability === other.capability &&
    one.ancestors === other.ancestors &&
    one.wouldDeny === other.wouldDeny &&
    one.lifted === other.lifted &&
    one.systemPolicy === other.systemPolicy &&
    one.userPolicy === other.userPolicy &&
    one.verified === other.verified &&
    one.provider === other.provider &&
    one.keyId === other.keyId &&
    one.records === other.records &&
    one.reason === other.reason &&
    one.audit === other.audit
  )
}
