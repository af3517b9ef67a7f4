import type { Help } from './command.ts'
import { JSON_OPTION, type Parsed } from './options.ts'
import { UsageError } from './usage-error.ts'

/** Help of `grantd audit`. */
export const HELP: Help = {
  usage: 'grantd audit tail|query|verify [OPTION]...',
  about: [
    'tail    shows the last lines of the audit log; -f goes on as more are written.',
    'query   shows every line that is wanted, the oldest first.',
    'verify  reads the whole log and names each line that was changed, removed, inserted or moved.',
    '        It prints the head of the log: kept elsewhere, it shows later that nothing above it',
    '        was touched. Exit status 1 when something is wrong.',
    'WHEN is 2030-01-31, 2030-01-31T12:00Z, or an age: 30m, 12h, 7d.',
  ],
  example: {
    line: 'grantd audit query --grant work --event token.issued --since 24h',
    text: 'which programs had tokens of "work" since yesterday',
  },
}

/** Options of `grantd audit`. */
export const OPTIONS = {
  follow: { type: 'boolean', short: 'f', text: 'go on with what is written (tail; also -f)' },
  lines: { type: 'string', value: 'N', text: 'how many lines, 1 to 500; default 20 (tail)' },
  grant: { type: 'string', value: 'NAME', text: 'of this grant' },
  executable: { type: 'string', value: 'PATH', text: 'of this program: its path or its name' },
  event: {
    type: 'string',
    value: 'EVENT',
    text: 'such as token.issued, or token for all of those',
  },
  since: { type: 'string', value: 'WHEN', text: 'not older' },
  until: { type: 'string', value: 'WHEN', text: 'older' },
  anchor: { type: 'string', value: 'HEAD', text: 'a head that was kept elsewhere (verify)' },
  json: JSON_OPTION,
} as const

/** What the command line asks of the log. */
export type AuditAsk =
  | { readonly verb: 'tail' | 'query'; readonly isFollowed: boolean; readonly query: Query }
  | { readonly verb: 'verify'; readonly anchor: string | undefined }

/** Members of a query string. */
export type Query = Readonly<Record<string, string>>

const VERBS = ['tail', 'query', 'verify'] as const

/** Which option goes with which verbs; `--json` goes with all. */
const BELONGS: Readonly<Record<string, readonly (typeof VERBS)[number][]>> = {
  follow: ['tail'],
  lines: ['tail'],
  grant: ['tail', 'query'],
  executable: ['tail', 'query'],
  event: ['tail', 'query'],
  since: ['tail', 'query'],
  until: ['tail', 'query'],
  anchor: ['verify'],
}

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/**
 * @param now Milliseconds since the epoch; ages count back from it.
 * @throws UsageError
 */
export function auditAsk({ values, positionals }: Parsed<typeof OPTIONS>, now: number): AuditAsk {
  const verb = VERBS.find((known) => known === positionals[0])
  if (verb === undefined || positionals.length > 1)
    throw new UsageError('say what to do: grantd audit tail, query or verify')
  for (const [name, verbs] of Object.entries(BELONGS))
    if (Object.hasOwn(values, name) && !verbs.includes(verb))
      throw new UsageError(`--${name} does not go with "${verb}"`)
  if (verb === 'verify') return { verb, anchor: values.anchor }
  const { grant, executable, event, since, until } = values
  const lines = values.lines ?? '20'
  if (!/^([1-9]|[1-9][0-9]|[1-4][0-9]{2}|500)$/.test(lines))
    throw new UsageError('--lines is 1 to 500')
  return {
    verb,
    isFollowed: values.follow === true,
    query: {
      ...(verb === 'tail' ? { last: lines } : { limit: '500' }),
      ...(grant !== undefined && { grant }),
      ...(executable !== undefined && { executable }),
      ...(event !== undefined && { event }),
      ...(since !== undefined && { since: momentOf('since', since, now) }),
      ...(until !== undefined && { until: momentOf('until', until, now) }),
    },
  }
}

function momentOf(name: string, text: string, now: number): string {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const day = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z)?$/.test(text)
  const at =
    count === undefined
      ? day
        ? Date.parse(text)
        : Number.NaN
      : now - Number(count) * (UNIT_MS[unit] ?? 0)
  if (Number.isNaN(at)) throw new UsageError(`--${name} is a day, a moment in UTC, or an age`)
  return new Date(at).toISOString()
}
