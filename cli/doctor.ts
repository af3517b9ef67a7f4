import type { Help } from './command.ts'
import { readFacts } from './doctor/facts.ts'
import { judgeFacts } from './doctor/judge.ts'
import { PLACES } from './doctor/places.ts'
import { noMore } from './grant-name.ts'
import { JSON_OPTION, parseOptions } from './options.ts'
import { jsonLine } from './printable.ts'
import { doctorLines } from './text/doctor-lines.ts'
import { paintFor } from './text/style.ts'
import { VERSION } from './version.ts'
import type { World } from './world.ts'

export const HELP: Help = {
  usage: 'grantd doctor [OPTION]...',
  about: [
    'Looks for what keeps grantd from working, and says what to do.',
    'Asks the daemon, the service manager and, for the time, the issuers of your grants; changes',
    'nothing. Exit status 1 if a line says "fail". With --json: a list of {level, what, advice}.',
  ],
  example: { line: 'grantd doctor', text: 'the first thing to do when "grantd token" fails' },
}

export const OPTIONS = { json: JSON_OPTION } as const

/** `grantd doctor`. */
export async function run(world: World, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, OPTIONS)
  noMore(positionals, 0)
  const findings = judgeFacts(await readFacts(world, PLACES), VERSION)
  world.stdout.write(
    values.json === true
      ? jsonLine(findings)
      : doctorLines(findings, paintFor(world.env, world.stdout)),
  )
  return findings.some(({ level }) => level === 'fail') ? 1 : 0
}
