import type { Policy } from '../config/config-files.ts'
import type { PeerClass } from '../peer/peer.ts'

/**
 * The rules that break-glass would lift: they are marked, speak of this grant and class or
 * of any, and are in force. Rules that are only tried out refuse nobody.
 *
 * @param grant Name of the grant.
 * @returns Names as they stand in records.
 */
export function liftableRules(
  { mode, system, user }: Policy,
  grant: string,
  ofClass: PeerClass,
): readonly string[] {
  const labelled = [
    ...system.map((rule) => ({ rule, label: `system:${rule.name}` })),
    ...(mode === 'enforce' ? user.map((rule) => ({ rule, label: rule.name })) : []),
  ]
  return labelled
    .filter(({ rule: { isBreakGlass, selectors } }) => {
      const isMeant =
        selectors.grant?.includes(grant) !== false && selectors.class?.includes(ofClass) !== false
      return isBreakGlass && isMeant
    })
    .map(({ label }) => label)
}
