import type { GrantDetail, GrantInventory, GrantSummary } from '@grantd/client/protocol'
import { printable } from '../printable.ts'
import { usesText } from './capability-table.ts'
import { columns } from './columns.ts'
import { duration } from './duration.ts'
import { exposureText } from './exposure-text.ts'
import { fromNow, type LocalClock } from './moment.ts'
import { revocationSentence } from './revoke-text.ts'

/** What stands in a cell that has nothing to say. */
const NOTHING = '-'

/** What `list` says when there is nothing to list. */
const NONE = 'no grants; log in with: grantd login NAME --issuer URL\n'

const HEAD = 'GRANT STATE ISSUER SUBJECT SCOPES AUDIENCES AGE REFRESHED'.split(' ')

/**
 * `grantd list`: one line per grant, newest use last as the daemon sent them, and below
 * one for each revocation that the issuer has still to hear of, for each capability, and for
 * each grant that is more exposed than it has to be. What no grant has takes no column.
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
    grant.subject ?? NOTHING,
    allScopes(grant) || NOTHING,
    grant.audiences.join(' ') || NOTHING,
    age(grant, clock),
    grant.last_refreshed_at === undefined ? NOTHING : fromNow(grant.last_refreshed_at, clock),
    lastUse(grant, clock),
  ])
  const table = lines(withoutEmpty([[...HEAD, 'LAST USED'], ...rows]))
  const queued = [
    ...grants
      .filter(({ revocation }) => revocation === 'queued')
      .map((grant) => [grant.grant, grant] as const),
    ...replaced.map((grant) => [`${grant.grant} (an earlier login)`, grant] as const),
  ].map(([name, grant]) => `${printable(name)}: ${revocationSentence(grant, clock)}\n`)
  const below = [...queued, ...grants.flatMap(capabilityLines), ...grants.flatMap(exposureLine)]
  return below.length === 0 ? table : `${table}\n${below.join('')}`
}

/** `grantd list` where the admin listener is closed to the caller: names and states. */
export function summaryTable(grants: readonly GrantSummary[]): string {
  if (grants.length === 0) return NONE
  return lines([['GRANT', 'STATE'], ...grants.map(({ grant, state }) => [grant, state])])
}

function exposureLine(grant: GrantDetail): string[] {
  const exposure = exposureText(grant)
  return exposure === undefined ? [] : [`${printable(`${grant.grant}: ${exposure}`)}\n`]
}

function capabilityLines({ grant, capabilities = [] }: GrantDetail): string[] {
  return capabilities.map(
    (one) => `${printable(`${grant}: capability ${one.name}, used ${usesText(one)} times`)}\n`,
  )
}

function age({ created_at }: GrantDetail, clock: Pick<LocalClock, 'now'>): string {
  const seconds = (clock.now() - Date.parse(created_at)) / 1000
  return Number.isNaN(seconds) ? created_at : duration(Math.max(seconds, 0))
}

/** `3 min ago by git (+1)`: the newest program, and how many more there were. */
function lastUse(
  { last_used_at, used_by: [newest, ...more] = [] }: GrantDetail,
  clock: Pick<LocalClock, 'now'>,
): string {
  if (last_used_at === undefined) return 'never'
  const parts = [fromNow(last_used_at, clock)]
  if (newest !== undefined) parts.push(`by ${nameOf(newest.executable)}`)
  if (more.length > 0) parts.push(`(+${more.length})`)
  return parts.join(' ')
}

/** The paths are in `show`. */
function nameOf(executable: string): string {
  return executable.slice(executable.lastIndexOf('/') + 1)
}

function withoutEmpty(rows: readonly (readonly string[])[]): string[][] {
  const [, ...below] = rows
  return rows.map((row) => row.filter((_, at) => below.some((cells) => cells[at] !== NOTHING)))
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
