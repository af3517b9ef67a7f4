import type { PolicyExplanation, PolicyStatus } from '@grantd/client/protocol'
import { printable } from '../printable.ts'
import { columns } from './columns.ts'

/** `grantd policy check` of files that are in order. */
export function policyPage({ files, mode, rules }: PolicyStatus): string {
  const rows = files.map(({ level, path, sha256 }) => {
    const own = rules.filter((rule) => rule.level === level).length
    return [level, path, sha256 === undefined ? 'no file' : ruleCount(own)]
  })
  const tried = mode === 'audit' ? ['mode audit: rules of the user refuse nothing'] : []
  return page([...columns(rows.map((row) => row.map(printable))), ...tried])
}

/** Such as `1 rule`. */
export function ruleCount(count: number): string {
  return count === 1 ? '1 rule' : `${count} rules`
}

/** What became of a rule, for a person. */
const VERDICTS: Readonly<Record<string, string>> = {
  denies: 'denies',
  refuses: 'refuses',
  allows: 'allows',
  beaten: 'beaten',
  narrows: 'narrows',
  no_match: '-',
  lifted: 'lifted',
}

/** `grantd policy explain`. */
export function explanationPage(told: PolicyExplanation): string {
  const rules = told.rules.map(({ level, name, effect, verdict, why }) =>
    [level, name, effect, VERDICTS[verdict] ?? verdict, why].map(printable),
  )
  return page([
    printable(headline(told)),
    ...columns(
      facts(told).map((row) => row.map(printable)),
      '  ',
    ),
    ...(rules.length === 0 ? [] : ['', 'rules:', ...columns(rules, '  ')]),
  ])
}

function headline({ decision, rule, reason }: PolicyExplanation): string {
  return decision === 'allow' ? `allowed by "${rule}"` : `denied by "${rule}": ${reason ?? ''}`
}

function facts(told: PolicyExplanation): readonly (readonly string[])[] {
  const { peer, limits = [], rates = [] } = told
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['process', peer.pid === undefined ? undefined : String(peer.pid)],
    ['executable', peer.executable],
    ['sha256', peer.executable_sha256],
    ['unit', peer.unit],
    ['class', peer.class],
    ['answer', told.code],
    ['narrowed by', limits.length === 0 ? undefined : limits.join(', ')],
    ['scope', told.scope],
    ['lifetime', told.max_lifetime === undefined ? undefined : `${told.max_lifetime} s at most`],
    ['consent', told.consent === 'never' ? undefined : told.consent],
    ...rates.map(
      ({ rule, tokens, seconds }) => ['rate', `${tokens} in ${seconds} s by "${rule}"`] as const,
    ),
    ['offline', told.offline === false ? 'no cached token while the issuer is away' : undefined],
    [
      'tried out',
      told.would_deny && `"${told.would_deny.rule}" would refuse: ${told.would_deny.reason}`,
    ],
  ]
  return rows.filter((row): row is [string, string] => row[1] !== undefined)
}

function page(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('')
}
