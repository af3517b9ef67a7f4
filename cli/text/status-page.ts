import type { Status } from '@grantd/client/protocol'
import { printable } from '../printable.ts'
import { announcement } from './broken-glass.ts'
import { columns } from './columns.ts'
import { duration } from './duration.ts'

const MANAGERS: readonly string[] = ['systemd', 'launchd'] satisfies Status['activation'][]

/** `grantd status`. @param nowMs Milliseconds since the epoch. */
export function statusPage(status: Status, nowMs: number): string {
  const up = duration((nowMs - Date.parse(status.started_at)) / 1000)
  const rows: string[][] = [
    ['daemon', `${status.status}, version ${status.version}, pid ${status.pid}, up ${up}`],
    ['vault', `${status.vault.kind}: ${status.vault.detail}`],
    ...(status.vault.hint === undefined ? [] : [['', `help: ${status.vault.hint}`]]),
    ['config', status.config.path],
    ...(status.config.problem === undefined ? [] : [['', `broken: ${status.config.problem}`]]),
    ...(status.break_glass ?? []).map((one, at) => [
      at === 0 ? 'break-glass' : '',
      announcement(one),
    ]),
    ['grants', `${grants(status)}, ${status.pending_logins} ${plural(status.pending_logins)}`],
    ['connections', `${status.connections.open} open, ${status.connections.refused_peers} refused`],
    ...section('sockets', status.sockets),
    ...(MANAGERS.includes(status.activation)
      ? [['', `bound by ${status.activation}, which starts the daemon`]]
      : []),
    ...section('counters', status.counters),
    ...anomalies(status),
  ]
  return columns(rows.map((row) => row.map(printable)))
    .map((line) => `${line}\n`)
    .join('')
}

/** Nobody can count what is locked away. */
function grants({ grants, vault }: Status): string {
  return vault.kind === 'locked' ? 'not known while the vault is locked' : String(grants)
}

function plural(logins: number): string {
  return logins === 1 ? 'login pending' : 'logins pending'
}

/** A daemon of an earlier version tells of none. */
function anomalies({ recent_anomalies = [] }: Partial<Status>): string[][] {
  return recent_anomalies.map(({ time, event, reason, ...where }, at) => {
    const who = where.executable ?? (where.pid === undefined ? undefined : `pid ${where.pid}`)
    const facts = [where.grant, where.capability, who].filter((fact) => fact !== undefined)
    return [at === 0 ? 'anomalies' : '', `${[time, event, ...facts].join(' ')} (${reason})`]
  })
}

/** The title stands before the first line only. */
function section(title: string, entries: Readonly<Record<string, string | number>>): string[][] {
  return Object.entries(entries).map(([name, value], at) => [
    at === 0 ? title : '',
    `${name} ${value}`,
  ])
}
