import type { CapabilityDetail, CapabilityList, CapabilityUse } from '@grantd/client/protocol'
import { printable } from '../printable.ts'
import { columns } from './columns.ts'
import { fromNow, type LocalClock } from './moment.ts'

/** `grantd capability list`. */
export function capabilityTable(
  { capabilities }: CapabilityList,
  clock: Pick<LocalClock, 'now'>,
): string {
  if (capabilities.length === 0)
    return 'no capabilities; make one with: grantd capability add NAME --grant GRANT\n'
  const rows = capabilities.map((one) => [
    one.name,
    one.grant,
    one.scope,
    usesText(one),
    [
      fromNow(one.expires_at, clock),
      ...(one.bound_pid === undefined ? [] : [`with process ${one.bound_pid}`]),
    ].join(', '),
    one.path,
  ])
  const safe = [['NAME', 'GRANT', 'SCOPE', 'USED', 'ENDS', 'SOCKET'], ...rows].map((row) =>
    row.map(printable),
  )
  return columns(safe)
    .map((line) => `${line}\n`)
    .join('')
}

/** `grantd capability add`: the path and nothing else, for a script. */
export function addedText({ path }: CapabilityDetail): string {
  return `${printable(path)}\n`
}

/** `grantd capability remove`. */
export function removedText(capability: CapabilityDetail): string {
  return `"${printable(capability.name)}" is removed; it was used ${usesText(capability)} times\n`
}

/** `2 of 10`, or `2` where there is no limit. */
export function usesText({ used, uses }: CapabilityUse): string {
  return uses === undefined ? String(used) : `${used} of ${uses}`
}
