import type { CapabilityDetail, CapabilityList } from '@grantd/client/protocol'
import { answer } from './answer.ts'
import { type CapabilityAsk, capabilityAsk, HELP, OPTIONS } from './capability-options.ts'
import { parseOptions } from './options.ts'
import { jsonLine } from './printable.ts'
import { addedText, capabilityTable, removedText } from './text/capability-table.ts'
import type { Connection, World } from './world.ts'

export { HELP, OPTIONS }

const ROUTE = '/v1/capabilities'

/** `grantd capability`. */
export async function run(world: World, args: readonly string[]): Promise<number> {
  const parsed = parseOptions(args, OPTIONS)
  const { value, text } = await ask(world, world.connect('admin'), capabilityAsk(parsed))
  world.stdout.write(parsed.values.json === true ? jsonLine(value) : text)
  return 0
}

async function ask(
  world: World,
  admin: Connection,
  asked: CapabilityAsk,
): Promise<{ readonly value: object; readonly text: string }> {
  if (asked.verb === 'list') {
    const list = answer<CapabilityList>(
      await admin.request({ method: 'GET', path: ROUTE }),
      'capabilities',
    )
    return { value: list, text: capabilityTable(list, world.timers) }
  }
  const sent =
    asked.verb === 'add'
      ? admin.request({ method: 'POST', path: ROUTE, body: asked.request, once: true })
      : admin.request({ method: 'DELETE', path: `${ROUTE}/${asked.name}`, once: true })
  const detail = answer<CapabilityDetail>(await sent, 'name', 'path', 'used')
  return { value: detail, text: asked.verb === 'add' ? addedText(detail) : removedText(detail) }
}
