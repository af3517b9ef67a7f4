import type { VaultUnlockRequest } from '@grantd/client/protocol'
import type { Help } from './command.ts'
import { noMore } from './grant-name.ts'
import { interruption } from './interruption.ts'
import { JSON_OPTION, type Parsed, parseOptions } from './options.ts'
import { PASSPHRASE_OPTION, passphrase } from './passphrase.ts'
import { jsonLine } from './printable.ts'
import { unlockedText } from './text/vault-page.ts'
import { changeVault, vaultStatus } from './vault-status.ts'
import type { World } from './world.ts'

export const HELP: Help = {
  usage: 'grantd unlock [OPTION]...',
  about: [
    'Opens a locked vault: with the passphrase it has, or by asking the keeper of its key again.',
    'A passphrase is typed unseen, or comes through a pipe with --passphrase-stdin.',
    'After a wrong one the next is looked at only after a while, which grows.',
  ],
  example: {
    line: 'pass show grantd | grantd unlock --passphrase-stdin',
    text: 'a passphrase from a password manager',
  },
}

export const OPTIONS = { 'passphrase-stdin': PASSPHRASE_OPTION, json: JSON_OPTION } as const

/** `grantd unlock`. */
export async function run(world: World, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, OPTIONS)
  noMore(positionals, 0)
  const admin = world.connect('admin')
  const before = await vaultStatus(admin)
  const body = before.needs === 'passphrase' ? await typed(world, values) : {}
  if (typeof body === 'number') return body
  // one that was open stays so, and nobody was asked for anything
  const vault = before.state === 'open' ? before : await changeVault(admin, 'unlock', body)
  world.stdout.write(values.json === true ? jsonLine(vault) : unlockedText(vault))
  return 0
}

/** @returns The body to send, or the exit status when the person gave up. */
async function typed(
  world: World,
  values: Parsed<typeof OPTIONS>['values'],
): Promise<VaultUnlockRequest | number> {
  const interrupted = interruption(world)
  try {
    const fromStdin = values['passphrase-stdin'] === true
    const text = await passphrase(world, { fromStdin, signal: interrupted.signal })
    return text === undefined ? interrupted.exitStatus() : { passphrase: text }
  } finally {
    interrupted.stop()
  }
}
