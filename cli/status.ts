import type { Status } from '@grantd/client/protocol'
import { answer } from './answer.ts'
import type { Help } from './command.ts'
import { noMore } from './grant-name.ts'
import { JSON_OPTION, parseOptions } from './options.ts'
import { jsonLine } from './printable.ts'
import { statusPage } from './text/status-page.ts'
import type { World } from './world.ts'

export const HELP: Help = {
  usage: 'grantd status [OPTION]...',
  about: ['Shows how the daemon is doing: version, vault, configuration, sockets, counters.'],
  example: { line: 'grantd status --json | jq .counters', text: 'the counters, for a program' },
}

export const OPTIONS = { json: JSON_OPTION } as const

/** `grantd status`. */
export async function run(world: World, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, OPTIONS)
  noMore(positionals, 0)
  const status = answer<Status>(
    await world.connect('admin').request({ method: 'GET', path: '/v1/status' }),
    'pid',
    'vault',
    'config',
    'connections',
    'sockets',
    'counters',
  )
  world.stdout.write(
    values.json === true ? jsonLine(status) : statusPage(status, world.timers.now()),
  )
  return 0
}
