import type { CapabilityRequest } from '@grantd/client/protocol'
import type { Help } from './command.ts'
import { grantName, noMore } from './grant-name.ts'
import { JSON_OPTION, type Parsed } from './options.ts'
import { UsageError } from './usage-error.ts'

/** Help of `grantd capability`. */
export const HELP: Help = {
  usage: 'grantd capability add|list|remove [NAME] [OPTION]...',
  about: [
    'add     opens a socket of its own that gives tokens of one grant and no more than is said',
    '        here, for a container, a sandbox or the far end of ssh; prints its path.',
    'list    says which there are, and how often each was used.',
    'remove  closes one at once, with every connection to it.',
    'A DURATION is a whole number and one of s, m, h, d.',
  ],
  example: {
    line: 'grantd capability add ci --grant work --scope repo:read --uses 20 --expires 8h',
    text: 'let a build read, twenty times at most and until the evening',
  },
}

/** Options of `grantd capability`. */
export const OPTIONS = {
  grant: { type: 'string', value: 'GRANT', text: 'whose tokens it gives (add; needed)' },
  scope: {
    type: 'string',
    value: 'SCOPE',
    text: 'the widest scope; default: all that was granted',
  },
  audience: { type: 'string', value: 'URL', text: "the one audience; default: the grant's first" },
  'max-ttl': { type: 'string', value: 'DURATION', text: 'longest life of a token; default 5m' },
  uses: { type: 'string', value: 'NUMBER', text: 'tokens in all; default: any number' },
  expires: { type: 'string', value: 'DURATION', text: 'when it ends, 30d at most; default 12h' },
  path: { type: 'string', value: 'PATH', text: 'where its socket is; absolute' },
  'bind-pid': { type: 'string', value: 'PID', text: 'the process it ends with' },
  gid: { type: 'string', value: 'GID', text: 'a group that may use it too; needs --path' },
  json: JSON_OPTION,
} as const

/** What the command line asks. */
export type CapabilityAsk =
  | { readonly verb: 'add'; readonly request: CapabilityRequest }
  | { readonly verb: 'list' }
  | { readonly verb: 'remove'; readonly name: string }

/** @throws UsageError */
export function capabilityAsk({ values, positionals }: Parsed<typeof OPTIONS>): CapabilityAsk {
  const [verb, name] = positionals
  if (verb !== 'add') {
    const odd = Object.keys(values).find((option) => option !== 'json')
    if (odd !== undefined && (verb === 'list' || verb === 'remove'))
      throw new UsageError(`--${odd} does not go with "${verb}"`)
  }
  if (verb === 'list') {
    noMore(positionals, 1)
    return { verb }
  }
  if (verb !== 'remove' && verb !== 'add')
    throw new UsageError('grantd capability takes one of add, list, remove')
  noMore(positionals, 2)
  // the same rules: it is a file name and a word on a terminal too
  if (name === undefined) throw new UsageError('the name of the capability is missing')
  grantName(name)
  return verb === 'remove' ? { verb, name } : { verb, request: requestOf(name, values) }
}

function requestOf(name: string, values: Parsed<typeof OPTIONS>['values']): CapabilityRequest {
  const { grant, scope, audience, path } = values
  if (grant === undefined) throw new UsageError('--grant is needed')
  const numbers = {
    max_ttl: seconds('max-ttl', values['max-ttl']),
    uses: whole('uses', values.uses),
    expires_in: seconds('expires', values.expires),
    bind_pid: whole('bind-pid', values['bind-pid']),
    gid: whole('gid', values.gid),
  }
  const given = Object.entries(numbers).filter(([, value]) => value !== undefined)
  return {
    name,
    grant: grantName(grant),
    ...(scope !== undefined && { scope }),
    ...(audience !== undefined && { audience }),
    ...(path !== undefined && { path }),
    ...(Object.fromEntries(given) as Partial<CapabilityRequest>),
  }
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

function seconds(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, count, unit = ''] = /^([1-9]\d{0,8})([smhd])$/.exec(text) ?? []
  const size = UNITS[unit]
  if (count === undefined || size === undefined)
    throw new UsageError(`--${option} takes a duration, such as 15m`)
  return Number(count) * size
}

function whole(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,10}$/.test(text)) throw new UsageError(`--${option} takes a number`)
  return Number(text)
}
