import type { PresetDetail, PresetList } from '@grantd/client/protocol'
import { answer } from './answer.ts'
import type { Help } from './command.ts'
import { noMore } from './grant-name.ts'
import { JSON_OPTION, parseOptions } from './options.ts'
import { jsonLine } from './printable.ts'
import { presetPage, presetTable } from './text/preset-page.ts'
import { UsageError } from './usage-error.ts'
import type { World } from './world.ts'

export const HELP: Help = {
  usage: 'grantd preset list | show NAME [OPTION]...',
  about: [
    'A preset says where an issuer is, what a login there needs, and how it behaves.',
    'list  names those that came with grantd and your own, which lie in presets/ beside config.toml;',
    '      one of yours takes the place of one of the same name.',
    'show  tells all that one says, and of every fact whether it was observed, is documented, or is',
    '      only believed.',
  ],
  example: { line: 'grantd preset show gitlab', text: 'what is known about GitLab, and how?' },
}

export const OPTIONS = { json: JSON_OPTION } as const

/** `grantd preset`. */
export async function run(world: World, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, OPTIONS)
  const [verb, name] = positionals
  const asJson = values.json === true
  if (verb === 'list') {
    noMore(positionals, 1)
    const list = answer<PresetList>(await ask(world, '/v1/presets'), 'presets')
    world.stdout.write(asJson ? jsonLine(list) : presetTable(list))
    return 0
  }
  if (verb !== 'show') throw new UsageError('grantd preset takes one of list, show')
  if (name === undefined) throw new UsageError('grantd preset show takes a NAME')
  noMore(positionals, 2)
  const preset = answer<PresetDetail>(
    await ask(world, `/v1/presets/${encodeURIComponent(name)}`),
    'preset',
    'identifier',
    'values',
    'facts',
  )
  world.stdout.write(asJson ? jsonLine(preset) : presetPage(preset))
  return 0
}

async function ask(world: World, path: string): Promise<unknown> {
  return await world.connect('admin').request({ method: 'GET', path })
}
