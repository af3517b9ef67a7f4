import type { GrantDetail } from '@grantd/client/protocol'
import { answer } from './answer.ts'
import type { Help } from './command.ts'
import { onlyGrantName } from './grant-name.ts'
import { JSON_OPTION, parseOptions } from './options.ts'
import { jsonLine } from './printable.ts'
import { grantPage } from './text/grant-page.ts'
import type { World } from './world.ts'

export const HELP: Help = {
  usage: 'grantd show GRANT [OPTION]...',
  about: ['Shows all about one grant but its secrets, which no command can show.'],
  example: { line: 'grantd show work', text: 'which scopes does "work" have, when was it used?' },
}

export const OPTIONS = { json: JSON_OPTION } as const

/** `grantd show`. */
export async function run(world: World, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, OPTIONS)
  const path = `/v1/grants/${onlyGrantName(positionals)}`
  const grant = answer<GrantDetail>(
    await world.connect('admin').request({ method: 'GET', path }),
    'grant',
    'scopes',
    'audiences',
  )
  world.stdout.write(values.json === true ? jsonLine(grant) : grantPage(grant, world.timers))
  return 0
}
