import type { PolicyExplainRequest } from '@grantd/client/protocol'
import type { Help } from './command.ts'
import { grantName, noMore } from './grant-name.ts'
import { JSON_OPTION, type Parsed } from './options.ts'
import { UsageError } from './usage-error.ts'

/** Help of `grantd policy`. */
export const HELP: Help = {
  usage: 'grantd policy check [FILE] | explain --grant GRANT (--pid N | --exe PATH) [OPTION]...',
  about: [
    'check    says what is wrong with a configuration file before it is put in its place; without',
    '         FILE, with those in force. Exit status 2, and FILE:LINE:COLUMN, when something is.',
    'explain  says which rule decides whether a process gets a token, what it gets, and what',
    '         every other rule had to do with it. Nothing is handed out.',
    'CLASS is local, relay, container, root or unidentified; LISTENER broker or capability.',
  ],
  example: {
    line: 'grantd policy explain --exe /usr/bin/git --grant work --at 23:10',
    text: 'would git get a token late in the evening, and why?',
  },
}

/** Options of `grantd policy`. */
export const OPTIONS = {
  system: { type: 'boolean', text: 'FILE is to be the one of the system (check)' },
  grant: { type: 'string', value: 'GRANT', text: 'whose token (explain, and all below)' },
  pid: { type: 'string', value: 'N', text: 'a process that runs' },
  exe: { type: 'string', value: 'PATH', text: 'a program that might run' },
  class: { type: 'string', value: 'CLASS', text: 'its class; default local' },
  unit: { type: 'string', value: 'UNIT', text: 'the systemd unit it would run in' },
  scope: { type: 'string', value: 'SCOPE', text: 'what it asks for; default everything granted' },
  audience: { type: 'string', value: 'URI', text: 'for which audience' },
  listener: { type: 'string', value: 'LISTENER', text: 'on which listener; default broker' },
  capability: { type: 'string', value: 'NAME', text: 'on the socket of this capability' },
  at: { type: 'string', value: 'TIME', text: 'when, such as 23:10 or "sat 23:10"; default now' },
  json: JSON_OPTION,
} as const

/** What the command line asks about policy. */
export type PolicyAsk =
  | { readonly verb: 'check'; readonly file: string | undefined; readonly level: 'system' | 'user' }
  | { readonly verb: 'explain'; readonly request: PolicyExplainRequest }

/**
 * What was asked; the daemon looks at values more closely.
 *
 * @throws UsageError
 */
export function policyAsk({ values, positionals }: Parsed<typeof OPTIONS>): PolicyAsk {
  const [verb, file] = positionals
  if (verb !== 'check' && verb !== 'explain')
    throw new UsageError('grantd policy takes one of check, explain')
  for (const option of Object.keys(values))
    if (option !== 'json' && (option === 'system') !== (verb === 'check'))
      throw new UsageError(`--${option} does not go with "${verb}"`)
  if (verb === 'explain') {
    noMore(positionals, 1)
    return { verb, request: explainRequest(values) }
  }
  noMore(positionals, 2)
  if (values.system === true && file === undefined)
    throw new UsageError('--system goes with a FILE')
  return { verb, file, level: values.system === true ? 'system' : 'user' }
}

function explainRequest(values: Parsed<typeof OPTIONS>['values']): PolicyExplainRequest {
  if (values.grant === undefined) throw new UsageError('--grant is missing')
  if ((values.pid === undefined) === (values.exe === undefined))
    throw new UsageError('one of --pid and --exe is needed')
  const words = { executable: values.exe, ...pick(values) }
  return {
    grant: grantName(values.grant),
    ...(values.pid !== undefined && { pid: wholeNumber(values.pid) }),
    ...Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined)),
  }
}

function pick({
  unit,
  scope,
  audience,
  capability,
  at,
  ...values
}: Parsed<typeof OPTIONS>['values']) {
  return { unit, scope, audience, capability, at, class: values.class, listener: values.listener }
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new UsageError('--pid takes the number of a process')
  return Number(text)
}
