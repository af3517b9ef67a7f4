import type { GrantDetail, GrantInventory, GrantSummary } from '@grantd/client/protocol'
import { printable } from '../printable.ts'
import { columns } from './columns.ts'
import { fromNow, type LocalClock } from './moment.ts'
import { revocationSentence } from './revoke-text.ts'

/** What `list` says when there is nothing to list. */
const NONE = 'no grants; log in with: grantd login NAME --issuer URL\n'

/**
 * `grantd list`: one line per grant, newest use last as the daemon sent them, and below
 * one for each revocation that the issuer has still to hear of, and for each grant that is
 * more exposed than it has to be.
 */
export function grantTable(
  { grants, replaced }: GrantInventory,
  clock: Pick<LocalClock, 'now'>,
): string {
  if (grants.length === 0) return NONE
  const rows = grants.map((grant) => [
    grant.grant,
    grant.state,
    grant.issuer,
    allScopes(grant) || '-',
    grant.last_used_at === undefined ? 'never' : fromNow(grant.last_used_at, clock),
  ])
  const table = lines([['GRANT', 'STATE', 'ISSUER', 'SCOPES', 'LAST USED'], ...rows])
  const queued = [
    ...grants
      .filter(({ revocation }) => revocation === 'queued')
      .map((grant) => [grant.grant, grant] as const),
    ...replaced.map((grant) => [`${grant.grant} (an earlier login)`, grant] as const),
  ].map(([name, grant]) => `${printable(name)}: ${revocationSentence(grant, clock)}\n`)
  const below = [...queued, ...grants.flatMap(exposureLine)]
  return below.length === 0 ? table : `${table}\n${below.join('')}`
}

/** `grantd list` where the admin listener is closed to the caller: names and states. */
export function summaryTable(grants: readonly GrantSummary[]): string {
  if (grants.length === 0) return NONE
  return lines([['GRANT', 'STATE'], ...grants.map(({ grant, state }) => [grant, state])])
}

function exposureLine({ grant, exposure = [] }: GrantDetail): string[] {
  return exposure.length === 0 ? [] : [`${printable(`${grant}: ${exposure.join(', ')}`)}\n`]
}

/** Every granted scope once, whatever its audience. */
function allScopes({ scopes }: GrantDetail): string {
  const words = Object.values(scopes).flatMap((scope) => scope.split(' '))
  return [...new Set(words)].filter((word) => word !== '').join(' ')
}

function lines(rows: readonly (readonly string[])[]): string {
  const safe = rows.map((row) => row.map(printable))
  return columns(safe)
    .map((line) => `${line}\n`)
    .join('')
}
