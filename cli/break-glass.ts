import {
  BREAK_GLASS_CLASSES,
  BREAK_GLASS_SECONDS,
  type BreakGlassDetail,
  type BreakGlassRequest,
  PATTERNS,
} from '@grantd/client/protocol'
import { answer } from './answer.ts'
import type { Help } from './command.ts'
import { onlyGrantName } from './grant-name.ts'
import { JSON_OPTION, type Parsed, parseOptions } from './options.ts'
import { jsonLine } from './printable.ts'
import { endedText, liftedText } from './text/broken-glass.ts'
import { UsageError } from './usage-error.ts'
import type { World } from './world.ts'

export const HELP: Help = {
  usage: 'grantd break-glass GRANT [OPTION]...',
  about: [
    'Lifts the rules that are marked "break_glass" for one grant and one class of callers, once',
    'you said yes at a prompt. It ends by itself, and with --end, a lock, the grant, a restart',
    'and any change of the rules. Nothing is given that was not granted at login.',
  ],
  example: {
    line: 'grantd break-glass work --reason "roll back 1.4" --for 15m',
    text: 'for a quarter of an hour; end it with: grantd break-glass --end work',
  },
}

export const OPTIONS = {
  reason: { type: 'string', value: 'TEXT', text: 'why; for the prompt, the status and the log' },
  for: { type: 'string', value: 'DURATION', text: 'how long, 1m to 60m' },
  class: { type: 'string', value: 'CLASS', text: 'whose requests; default local' },
  end: { type: 'boolean', text: 'put the rules back in force at once' },
  json: JSON_OPTION,
} as const

const ROUTE = '/v1/break-glass'

/** `grantd break-glass`. */
export async function run(world: World, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, OPTIONS)
  const grant = onlyGrantName(positionals)
  const isEnd = values.end === true
  const asked = isEnd ? undefined : requestOf(grant, values)
  if (isEnd) refuseMore(values)
  const admin = world.connect('admin')
  const detail = answer<BreakGlassDetail>(
    await (asked === undefined
      ? admin.request({ method: 'DELETE', path: `${ROUTE}/${grant}`, once: true })
      : admin.request({ method: 'POST', path: ROUTE, body: asked, once: true })),
    'grant',
    'lifted',
  )
  const text = isEnd ? endedText(detail) : liftedText(detail)
  world.stdout.write(values.json === true ? jsonLine(detail) : text)
  return 0
}

type Values = Parsed<typeof OPTIONS>['values']

function requestOf(grant: string, values: Values): BreakGlassRequest {
  const { reason, class: ofClass = 'local' } = values
  if (reason === undefined) throw new UsageError('--reason is needed')
  if (!new RegExp(PATTERNS.reason).test(reason))
    throw new UsageError('--reason takes 1 to 200 printable ASCII characters')
  const known = BREAK_GLASS_CLASSES.find((one) => one === ofClass)
  if (known === undefined)
    throw new UsageError(`--class takes one of ${BREAK_GLASS_CLASSES.join(', ')}`)
  return { grant, reason, seconds: seconds(values.for), class: known }
}

function seconds(text: string | undefined): number {
  if (text === undefined) throw new UsageError('--for is needed')
  const [, count, unit] = /^([1-9]\d{0,3})([smh])$/.exec(text) ?? []
  const total = Number(count) * (unit === 'h' ? 3_600 : unit === 'm' ? 60 : 1)
  const { least, most } = BREAK_GLASS_SECONDS
  if (!(total >= least && total <= most)) throw new UsageError('--for takes 1m to 60m')
  return total
}

function refuseMore(values: Values): void {
  for (const name of ['reason', 'for', 'class'] as const)
    if (values[name] !== undefined) throw new UsageError(`--${name} does not go with --end`)
}
