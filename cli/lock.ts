import type { Help } from './command.ts'
import { noMore } from './grant-name.ts'
import { JSON_OPTION, parseOptions } from './options.ts'
import { jsonLine } from './printable.ts'
import { LOCKED } from './text/vault-page.ts'
import { changeVault } from './vault-status.ts'
import type { World } from './world.ts'

export const HELP: Help = {
  usage: 'grantd lock [OPTION]...',
  about: [
    'Locks the vault: the daemon forgets its key and every access token, cancels pending logins,',
    'and hands out nothing until "grantd unlock", not even after a restart.',
    'What is under way at an issuer is waited for, so that no refresh token is lost.',
    'Grants kept in memory only would end with it: then it is refused.',
  ],
  example: { line: 'grantd lock', text: 'before you leave the machine alone' },
}

export const OPTIONS = { json: JSON_OPTION } as const

/** `grantd lock`. */
export async function run(world: World, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, OPTIONS)
  noMore(positionals, 0)
  const vault = await changeVault(world.connect('admin'), 'lock')
  world.stdout.write(values.json === true ? jsonLine(vault) : LOCKED)
  return 0
}
