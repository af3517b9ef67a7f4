import { printable } from '../printable.ts'

/** Members of a line that are shown, in this order, where they are there. */
const SHOWN = [
  'capability',
  'grant',
  'scope',
  'audience',
  'expires_in',
  'rule',
  'lifted',
  'reason',
] as const

/** One line of the log for a person: when, what, for whom. */
export function auditLine(text: string): string {
  const line = parsed(text)
  if (line === undefined) return `${printable(text)}\n`
  const { time, event, peer } = line
  const who = peer === undefined ? [] : [`${peer.executable ?? '?'} (pid ${String(peer.pid)})`]
  const facts = SHOWN.flatMap((name) =>
    line[name] === undefined ? [] : [`${name}=${JSON.stringify(line[name])}`],
  )
  return `${printable([time, event, ...who, ...facts].join('  '))}\n`
}

interface Line extends Readonly<Record<string, unknown>> {
  readonly time?: string
  readonly event?: string
  readonly peer?: { readonly executable?: string; readonly pid?: number }
}

function parsed(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line
  } catch {
    return undefined // a daemon of another version: it is shown as it came
  }
}

/** What `GET /v1/audit/verify` answers. */
export interface AuditVerdict {
  readonly ok: boolean
  readonly lines: number
  readonly first?: number
  readonly head: string
  readonly sealed: number
  readonly torn: readonly { readonly file: string; readonly line: number }[]
  readonly findings: readonly {
    readonly kind: string
    readonly file: string
    readonly line: number
    readonly detail: string
  }[]
  readonly finding_count: number
  readonly anchor?: string
}

const ANCHORS: Readonly<Record<string, string>> = {
  matches: 'the line of your head is as it was',
  differs: 'the line of your head is another one: the log was written anew above it',
  absent: 'the line of your head is not there: the end of the log was cut off',
  pruned: 'the line of your head went with the oldest files; nothing can be said of it',
}

/** `grantd audit verify`. */
export function verdictText(verdict: AuditVerdict): string {
  const { ok, lines, head, sealed, torn, findings, anchor } = verdict
  const more = verdict.finding_count - findings.length
  return [
    ...findings.map(({ kind, file, line, detail }) => `${file}:${line}: ${kind}: ${detail}`),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...torn.map(({ file, line }) => `${file}:${line}: cut short by a crash or a full disk`),
    ...(anchor === undefined ? [] : [ANCHORS[anchor] ?? anchor]),
    `${lines} lines, signed up to number ${sealed}: ${ok ? 'as written' : 'NOT as written'}`,
    `head ${head}`,
  ]
    .map((text) => `${printable(text)}\n`)
    .join('')
}
