import { GrantdError } from '@grantd/client/connection'
import type { GrantInventory, GrantList } from '@grantd/client/protocol'
import { answer } from './answer.ts'
import type { Help } from './command.ts'
import { noMore } from './grant-name.ts'
import { JSON_OPTION, parseOptions } from './options.ts'
import { jsonLine, printable } from './printable.ts'
import { grantTable, summaryTable } from './text/grant-table.ts'
import type { World } from './world.ts'

export const HELP: Help = {
  usage: 'grantd list [OPTION]...',
  about: [
    'Lists the grants the daemon holds: name, state, issuer, subject, granted scopes, audiences,',
    'age, last refresh, last use and by what; below, each revocation that is queued, with the reason',
    'and the next attempt, each capability with its uses, and what exposes a grant more than it has to.',
    'A caller the admin socket refuses sees names and states only.',
  ],
  example: {
    line: `grantd list --json | jq -r '.grants[] | select(.state != "active").grant'`,
    text: 'the grants that need a new login',
  },
}

export const OPTIONS = { json: JSON_OPTION } as const

const GRANTS = { method: 'GET', path: '/v1/grants' } as const

/** `grantd list`. */
export async function run(world: World, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, OPTIONS)
  noMore(positionals, 0)
  const { list, text } = await grants(world)
  world.stdout.write(values.json === true ? jsonLine(list) : text)
  return 0
}

async function grants(world: World): Promise<{ list: GrantList; text: string }> {
  try {
    const admin = await world.connect('admin').request(GRANTS)
    const list = answer<GrantInventory>(admin, 'grants', 'replaced')
    return { list, text: grantTable(list, world.timers) }
  } catch (error) {
    if (!(error instanceof GrantdError)) throw error
    const broker = await world.connect('broker').request(GRANTS)
    const list = answer<GrantList>(broker, 'grants')
    world.stderr.write(`grantd: names and states only: ${printable(error.message)}\n`)
    return { list, text: summaryTable(list.grants) }
  }
}
